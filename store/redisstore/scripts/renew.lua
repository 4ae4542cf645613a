-- Writes down that a node lives, and returns what has changed behind a position.
local _, node, row, row_of_nothing, known, after, most = unpack(ARGV)
after, most = tonumber(after), tonumber(most)
redis.call('HDEL', names.nodes, node) -- so that something is written before memory is needed
local at = head()
if known ~= incarnation() then
  -- What the node has applied were changes of another one.
  redis.call('HSET', names.nodes, node, row_of_nothing)
  return { incarnation(), at, 1 }
end
redis.call('HSET', names.nodes, node, row)
if after < 0 or after == at then return { incarnation(), at, 0 } end
if after > at or at - after > most then return { incarnation(), at, 1 } end
local entries = redis.call('XRANGE', names.feed, string.format('(%.0f-0', after), '+')
if #entries ~= at - after then return { incarnation(), at, 1 } end
local reply = { incarnation(), at, 0 }
for _, entry in ipairs(entries) do reply[#reply + 1] = entry[2] end
return reply
