-- Ends the session with a hash or an id, if it is of that user and has that id, where these are given.
local _, known, after, hash, id, user, except = unpack(ARGV)
if hash == '' then hash = redis.call('HGET', names.ids, id) or '' end
local found = 0
if hash ~= '' and hash ~= except then
  local place, whose = unpack(redis.call('HMGET', session_key(hash), 'place', 'user'))
  if not place then
    -- Others may remember what has run out here, or was lost.
    ended(hash)
  elseif (id == '' or id == id_of(place)) and (user == '' or user == whose) then
    found = remove(place, whose)
  end
end
if user ~= '' then user_changed(user) end
return { found, commit(known, after) }
