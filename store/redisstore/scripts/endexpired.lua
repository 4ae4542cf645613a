-- Ends up to so many sessions: those that began before a time, those that were last seen before one, and those with a
-- time of their own before one. An empty time selects none.
local _, known, after, began, seen, ending, limit = unpack(ARGV)
limit = tonumber(limit)
local found = 0
local function remove_all(members)
  for _, member in ipairs(members) do
    remove(string.sub(member, 1, 24), string.sub(member, 25))
  end
  found = found + #members
end
local function by_score(set, before)
  if before ~= '' and found < limit then
    remove_all(redis.call('ZRANGEBYSCORE', set, '-inf', '(' .. before, 'LIMIT', 0, limit - found))
  end
end
if began ~= '' then
  remove_all(redis.call('ZRANGEBYLEX', names.cookies, '-', '(' .. began, 'LIMIT', 0, limit))
end
by_score(names.seen, seen)
by_score(names.ending, ending)
if found == 0 then return { 0 } end
return { found, commit(known, after) }
