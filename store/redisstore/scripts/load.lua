-- Returns a session, and which Redis says so.
return { incarnation(), redis.call('HMGET', session_key(ARGV[2]), 'revision', 'data', unpack(shown)) }
