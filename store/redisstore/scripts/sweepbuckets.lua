-- Removes up to so many buckets that have expired by a time, and returns how many that were.
local _, now, limit = unpack(ARGV)
local expired = redis.call('ZRANGEBYSCORE', base .. 'buckets', '-inf', now, 'LIMIT', 0, limit)
for _, name in ipairs(expired) do
  redis.call('ZREM', base .. 'buckets', name)
  redis.call('DEL', base .. 'bucket:' .. name)
end
return #expired
