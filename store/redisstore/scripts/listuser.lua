-- Returns the next sessions of a user, the oldest first, from one place on.
local _, user, from, limit = unpack(ARGV)
local reply = {}
for i, place in ipairs(redis.call('ZRANGEBYLEX', user_key(user), from, '+', 'LIMIT', 0, limit)) do
  reply[i] = show(place)
end
return reply
