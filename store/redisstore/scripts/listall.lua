-- Returns the newest sessions of everybody before a place: so many of those without a time of their own, and so many of
-- those with one.
local _, before, limit = unpack(ARGV)
local reply = {}
for _, set in ipairs({ names.cookies, names.bearers }) do
  for _, member in ipairs(redis.call('ZREVRANGEBYLEX', set, before, '-', 'LIMIT', 0, limit)) do
    reply[#reply + 1] = show(string.sub(member, 1, 24))
  end
end
return reply
