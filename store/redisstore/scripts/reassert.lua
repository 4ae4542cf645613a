-- Ends the sessions with these hashes as far as they are there.
for i = 2, #ARGV do
  local place, user = unpack(redis.call('HMGET', session_key(ARGV[i]), 'place', 'user'))
  if place then remove(place, user) end
end
return commit('', -1)
