-- Returns what the nodes have written down, as name and value by turns.
return { incarnation(), redis.call('HGETALL', names.nodes) }
