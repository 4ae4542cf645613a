-- Forgets nodes that have written down nothing since: names and what they wrote last by turns. A node that gives
-- up says nothing about what it wrote.
for i = 2, #ARGV, 2 do
  if ARGV[i + 1] == '' or redis.call('HGET', names.nodes, ARGV[i]) == ARGV[i + 1] then
    redis.call('HDEL', names.nodes, ARGV[i])
  end
end
return { 'ok' }
