-- Ends the next sessions of a user, in the order of their places, from one place on, and says where to go on, or
-- nothing when that were the last.
local _, known, after, user, except, from, limit = unpack(ARGV)
local places = redis.call('ZRANGEBYLEX', user_key(user), from, '+', 'LIMIT', 0, limit)
local found = 0
for _, place in ipairs(places) do
  if except == '' or redis.call('HGET', names.ids, id_of(place)) ~= except then
    found = found + remove(place, user)
  end
end
local more = ''
if #places == tonumber(limit) then
  more = '(' .. places[#places]
else
  user_changed(user)
end
return { found, commit(known, after), more }
