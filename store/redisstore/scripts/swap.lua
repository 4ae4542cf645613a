-- Replaces what may be replaced of a session, if it is there at this revision.
local _, known, after, old, hash, revision, ending, ttl, data = unpack(ARGV)
local key, new = session_key(old), session_key(hash)
local was, place, user, seen, had = unpack(redis.call('HMGET', key, 'revision', 'place', 'user', 'seen', 'until'))
if not was then return { 'gone' } end
if was ~= revision then return { 'conflict' } end
if hash ~= old then
  if redis.call('EXISTS', new) == 1 then return { 'exists' } end
  redis.call('RENAME', key, new)
  redis.call('HSET', names.ids, id_of(place), hash)
end
redis.call('HINCRBY', new, 'revision', 1)
redis.call('HSET', new, 'until', ending, unpack(ARGV, 10))
if data == '' then
  redis.call('HDEL', new, 'data')
else
  redis.call('HSET', new, 'data', data)
end
if ending ~= had then
  leave(place, user)
  enter(place, user, ending ~= '0', ending ~= '0' and ending or seen)
  expire(new, ttl)
  expire(user_key(user), ttl, true)
end
if hash ~= old then
  ended(old)
elseif ending ~= '0' then
  rotated(old)
else
  return { 'ok' }
end
return { 'ok', commit(known, after) }
