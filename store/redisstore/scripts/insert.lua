-- Adds a session.
local _, hash, place, user, bearer, limit, ttl = unpack(ARGV)
local key = session_key(hash)
if redis.call('EXISTS', key) == 1 or redis.call('HEXISTS', names.ids, id_of(place)) == 1 then
  return { 'exists' }
end
redis.call('HSET', key, unpack(ARGV, 8))
expire(key, ttl)
redis.call('HSET', names.ids, id_of(place), hash)
local others = redis.call('EXISTS', user_key(user)) == 1
enter(place, user, bearer == '1', limit)
expire(user_key(user), ttl, others)
return { 'ok' }
