-- Asks Handstamp about every request that handstamp.conf does not send to Handstamp itself.
--
-- What this function does not allow is refused: an error in it is answered with 503, and whatever
-- it lets pass it has seen as the app will see it.

require "apache2"
local socket = require "socket"

local identity = { "X-Auth-User", "X-Auth-Email", "X-Auth-Role", "X-Auth-Session", "Authorization" }

-- What Handstamp is told of the request besides the request line.
local asked = {
  "Cookie", "Authorization", "Accept", "Accept-Language", "User-Agent", "Origin", "X-Requested-With",
  "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest",
}

-- What a refusal takes along from the answer of Handstamp.
local refused = { "WWW-Authenticate", "Set-Cookie", "Cache-Control", "Retry-After" }

local statuses = { ["400"] = 400, ["401"] = 401, ["403"] = 403, ["429"] = 429, ["431"] = 431 }

-- The connection of this thread, kept from one request to the next.
local kept

-- exchange writes a request and reads the head of the answer. It returns the status and the headers,
-- by their names in lower case and the first of each; or nil, and whether nothing at all was read.
local function exchange(connection, text)
  if not connection:send(text) then return nil, nil, true end
  local line = connection:receive("*l")
  if not line then return nil, nil, true end
  local status = line:match("^HTTP/1%.1 (%d%d%d)")
  if not status then return nil end
  local headers = {}
  while true do
    line = connection:receive("*l")
    if not line then return nil end
    if line == "" then break end
    local name, value = line:match("^([^%s:]+):%s*(.-)%s*$")
    if not name then return nil end
    name = name:lower()
    headers[name] = headers[name] or value
  end
  return status, headers
end

-- leave reads the body of an answer, which nobody needs, so that the connection can be kept.
local function leave(connection, status, headers)
  local length = tonumber(headers["content-length"])
  if status == "204" or status == "304" then length = 0 end
  if not length or length > 65536 or headers["transfer-encoding"] or (headers["connection"] or ""):lower():find("close") then
    connection:close()
    return
  end
  if length > 0 and not connection:receive(length) then
    connection:close()
    return
  end
  kept = connection
end

-- ask asks once more on a new connection if the one that was kept turns out to have been closed.
local function ask(address, text)
  local host, port = address:match("^%[?(.-)%]?:(%d+)$")
  while true do
    local connection, old = kept, kept ~= nil
    kept = nil
    if not connection then
      connection = socket.tcp()
      connection:settimeout(2)
      if not connection:connect(host, port) then
        connection:close()
        return nil
      end
      connection:setoption("tcp-nodelay", true)
    end
    connection:settimeout(5)
    local status, headers, nothing = exchange(connection, text)
    if status then
      leave(connection, status, headers)
      return status, headers
    end
    connection:close()
    if not (old and nothing) then return nil end
  end
end

-- strip takes away what only we say, and every name with anything but letters, digits and dashes:
-- X_Auth_User would be X-Auth-User to many apps. In Connection a client may say that it wants a
-- websocket, and nothing else: it could name X-Auth-User there.
local function strip(r)
  local gone = {}
  for name in pairs(r:headers_in_table()) do
    local n = name:lower()
    if n:find("[^a-z0-9-]") or n:find("^x%-auth%-") or n:find("^x%-original%-") or n:find("^x%-forwarded%-")
      or n == "x-rewrite-url" or n == "x-real-ip" or n == "forwarded" or n == "connection" or n == "traceparent" or n == "tracestate" then
      gone[#gone + 1] = name
    end
  end
  for _, name in ipairs(gone) do r.headers_in[name] = nil end
  if (r.headers_in["Upgrade"] or ""):lower() == "websocket" then
    r.headers_in["Connection"] = "Upgrade"
  else
    r.headers_in["Upgrade"] = nil
  end
  r.headers_in["X-Forwarded-Proto"] = r.is_https and "https" or "http"
end

local function decide(r)
  strip(r)
  local env = r.subprocess_env
  local handstamp, host = env["HANDSTAMP"], env["HANDSTAMP_HOST"]
  if r.hostname ~= host then return 421 end
  r.headers_in["Host"] = host
  if r.filename:sub(1, 14 + #handstamp) == "proxy:http://" .. handstamp .. "/" then
    return apache2.OK
  end
  -- What is judged is what the app gets, letter for letter.
  if r.filename ~= "proxy:http://" .. env["HANDSTAMP_APP"] .. r.unparsed_uri then return 400 end

  local lines = {
    "GET /verify HTTP/1.1",
    "Host: " .. host,
    "X-Forwarded-For: " .. r.useragent_ip,
    "X-Original-Method: " .. r.method,
    "X-Original-Proto: " .. (r.is_https and "https" or "http"),
    "X-Original-Host: " .. host,
    "X-Original-URI: " .. r.unparsed_uri,
  }
  for _, name in ipairs(asked) do
    local value = r.headers_in[name]
    if value then lines[#lines + 1] = name .. ": " .. value end
  end
  local status, headers = ask(handstamp, table.concat(lines, "\r\n") .. "\r\n\r\n")
  if status == "200" then
    for _, name in ipairs(identity) do
      r.headers_in[name] = headers[name:lower()] or ""
    end
    -- The session itself is not for the app, which could do with it whatever its user may do.
    local cookies = r.headers_in["Cookie"]
    if cookies then r.headers_in["Cookie"] = (cookies:gsub("__%a+%-session=[^;]*;? ?", "")) end
    if headers["set-cookie"] then r.err_headers_out["Set-Cookie"] = headers["set-cookie"] end
    return apache2.OK
  end
  if not status or not statuses[status] then return 503 end
  for _, name in ipairs(refused) do
    local value = headers[name:lower()]
    if value then r.err_headers_out[name] = value end
  end
  local login = headers["x-auth-redirect"]
  if status == "401" and login and login ~= "" then
    r.err_headers_out["Location"] = login
    return 302
  end
  return statuses[status]
end

function check(r)
  local ok, status = pcall(decide, r)
  if ok then return status end
  r:err("handstamp: " .. tostring(status))
  return 503
end
