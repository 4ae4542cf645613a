-- What the scripts share: it stands before each of them.
--
-- KEYS[1] is what the names of all keys begin with. The keys of sessions and users follow from what is stored, so that
-- they cannot be named beforehand; they have the same hash tag, and so are in the same slot of a cluster.
--
-- A script is not undone when it fails halfway, and Redis refuses a command that needs memory it has not got only if
-- nothing was written before. So what ends sessions removes first: it works on a Redis that is full, too.

local base = KEYS[1]
local names = {
  incarnation = base .. 'incarnation', -- a random text: other data, other text
  feed = base .. 'feed',               -- stream of changes; the entry 7-0 is at position 7
  wake = base .. 'wake',               -- channel on which positions are said
  nodes = base .. 'nodes',             -- hash: node -> what it has written down
  ids = base .. 'ids',                 -- hash: id of a session -> its hash
  cookies = base .. 'cookies',         -- sorted by place: sessions without a time of their own
  bearers = base .. 'bearers',         -- sorted by place: sessions with one
  seen = base .. 'seen',               -- the first of them, by when they were last seen
  ending = base .. 'until',            -- the others, by their time
}

local function session_key(hash) return base .. 'session:' .. hash end
local function user_key(user) return base .. 'user:' .. user end

-- The feed holds at least so many changes. Who is further behind forgets everything instead.
local kept_changes = 20000

-- The first argument of each script is a random text, in case that an incarnation needs one.
local candidate = ARGV[1]

-- head returns the position of the last change. Where the feed or the incarnation is missing, both begin anew, as
-- nobody can say what else is.
local function head()
  local last = redis.call('XREVRANGE', names.feed, '+', '-', 'COUNT', 1)[1]
  if last and redis.call('EXISTS', names.incarnation) == 1 then
    return tonumber(string.match(last[1], '^%d+'))
  end
  redis.call('DEL', names.feed)
  redis.call('SET', names.incarnation, candidate)
  redis.call('XADD', names.feed, '1-0', 'hash', '')
  return 1
end

-- incarnation names this run of Redis as a primary with this data: it is another one after a restart, a failover, a failover
-- back, and in a restored copy, none of which need have all that was acknowledged. A replica is none.
local function incarnation()
  local info = redis.call('INFO', 'replication')
  if not string.find(info, 'role:master', 1, true) then return 'replica' end
  return (redis.call('GET', names.incarnation) or '') .. '.' .. (string.match(info, 'master_replid:(%w+)') or '')
end

local changes = {}
local function change(...) changes[#changes + 1] = { ... } end

-- Each of these takes one change.
local function ended(hash) change('hash', hash) end
local function rotated(hash) change('hash', hash, 'lives', '1') end
local function user_changed(user) change('user', user) end

-- How many changes a writer is told of at most that it has not applied yet.
local most_missed = 1000

-- missed returns the entries of the feed between a position, of an incarnation, and the last one; and 1 if they cannot be had.
local function missed(known, after, last)
  after = tonumber(after)
  if known ~= incarnation() or after < 0 or after > last or last - after > most_missed then return {}, 1 end
  if after == last then return {}, 0 end
  local entries = redis.call('XRANGE', names.feed, string.format('(%.0f-0', after), '+')
  if #entries ~= last - after then return {}, 1 end
  return entries, 0
end

-- commit gives the changes their positions. It returns the last one, the incarnation that it belongs to, and all changes in
-- their order which a process has to apply that has applied those up to a position, of an incarnation; with a 1 before them if
-- some of these are not known any more. So who has ended sessions refuses, when that is answered, what others had changed before, too:
-- a token that was replaced while all sessions of its user ended.
local function commit(known, after)
  local at = head()
  local entries, gap = missed(known, after, at)
  local all = {}
  for i, entry in ipairs(entries) do all[i] = entry[2] end
  for _, fields in ipairs(changes) do
    at = at + 1
    redis.call('XADD', names.feed, 'MAXLEN', '~', kept_changes, string.format('%.0f-0', at), unpack(fields))
    all[#all + 1] = fields
  end
  if #changes > 0 then
    redis.call('PUBLISH', names.wake, string.format('%.0f', at))
  end
  return { at, incarnation(), gap, all }
end

-- enter makes a session found by user, by place and by when it ends. A place is when the session began, and its id, in
-- bytes that sort so. limit is when it was last seen, or its own time.
local function enter(place, user, bearer, limit)
  local member = place .. user
  redis.call('ZADD', bearer and names.bearers or names.cookies, 0, member)
  redis.call('ZADD', bearer and names.ending or names.seen, limit, member)
  redis.call('ZADD', user_key(user), 0, place)
end

local function leave(place, user)
  local member = place .. user
  redis.call('ZREM', names.cookies, member)
  redis.call('ZREM', names.bearers, member)
  redis.call('ZREM', names.seen, member)
  redis.call('ZREM', names.ending, member)
  redis.call('ZREM', user_key(user), place)
end

local function id_of(place) return string.sub(place, 9, 24) end

-- remove ends a session that the index has, and returns 1 if it was there. Others may remember one that has run out here.
local function remove(place, user)
  leave(place, user)
  local hash = redis.call('HGET', names.ids, id_of(place))
  if not hash then return 0 end
  redis.call('HDEL', names.ids, id_of(place))
  ended(hash)
  return redis.call('DEL', session_key(hash))
end

-- expire makes a key go by itself after so many milliseconds, if nobody is left who removes it; never if that is 0. A
-- key that several sessions share stays for the longest.
local function expire(key, ttl, shared)
  ttl = tonumber(ttl)
  local left = shared and redis.call('PTTL', key) or 0
  if ttl == 0 then
    redis.call('PERSIST', key)
  elseif left ~= -1 and left < ttl then
    redis.call('PEXPIRE', key, ttl)
  end
end

-- What is shown of a session. With its revision and data it is all that there is.
local shown = { 'place', 'user', 'role', 'proved', 'seen', 'until', 'generation', 'rotated', 'device', 'address' }

-- show returns that, of the session which the index has at a place; of one that has run out, the place alone.
local function show(place)
  local hash = redis.call('HGET', names.ids, id_of(place))
  local found = hash and redis.call('HMGET', session_key(hash), unpack(shown)) or {}
  found[1] = place
  return found
end
