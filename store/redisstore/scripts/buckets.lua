-- Replaces the states of buckets if all of them are what was read. For each bucket there are its name, the state that was
-- read, the one to keep, when that expires, and after how many milliseconds nobody needs it; empty and 0 for none.
local expires = base .. 'buckets'
for i = 2, #ARGV, 5 do
  if (redis.call('GET', base .. 'bucket:' .. ARGV[i]) or '') ~= ARGV[i + 1] then return 0 end
end
for i = 2, #ARGV, 5 do
  local name, state, at, ttl = ARGV[i], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  local key = base .. 'bucket:' .. name
  if state == '' then
    redis.call('DEL', key)
  elseif ttl == '0' then
    redis.call('SET', key, state)
  else
    redis.call('SET', key, state, 'PX', ttl)
  end
  if at == '' then
    redis.call('ZREM', expires, name)
  else
    redis.call('ZADD', expires, at, name)
  end
end
return 1
