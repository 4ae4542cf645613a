-- Returns what the primary of these keys says of itself.
return { redis.call('INFO', 'server'), redis.call('INFO', 'replication'), redis.call('INFO', 'persistence'),
  redis.call('INFO', 'memory'), redis.call('INFO', 'cluster') }
