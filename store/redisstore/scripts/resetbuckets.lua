-- Removes buckets.
for i = 2, #ARGV do
  redis.call('DEL', base .. 'bucket:' .. ARGV[i])
  redis.call('ZREM', base .. 'buckets', ARGV[i])
end
return 1
