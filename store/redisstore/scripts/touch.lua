-- Moves the last use of a session forward.
local _, hash, at = unpack(ARGV)
local key = session_key(hash)
local seen, place, user, ending = unpack(redis.call('HMGET', key, 'seen', 'place', 'user', 'until'))
if not seen then return { 'gone' } end
if tonumber(at) > tonumber(seen) then
  redis.call('HSET', key, 'seen', at)
  if ending == '0' then
    redis.call('ZADD', names.seen, 'XX', at, place .. user)
  end
end
return { 'ok' }
