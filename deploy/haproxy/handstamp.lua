-- Asks Handstamp about a request: http-request lua.handstamp URL-OF-VERIFY
--
-- The variable txn.backend becomes "app" if Handstamp has answered 200, and only then; haproxy.cfg
-- lets nothing pass without it. The headers by which the app knows who is asking are set here, each
-- of them always.

local identity = { "x-auth-user", "x-auth-email", "x-auth-role", "x-auth-session", "authorization" }

-- What Handstamp is told of the request besides the request line.
local asked = {
  "cookie", "authorization", "accept", "accept-language", "user-agent", "origin", "x-requested-with",
  "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest",
}

-- What a refusal takes along from the answer of Handstamp.
local refused = { "www-authenticate", "set-cookie", "content-type", "cache-control", "retry-after" }

local statuses = { [400] = true, [401] = true, [403] = true, [429] = true, [431] = true }

local function values(headers, name)
  local list, found = {}, headers and headers[name]
  for i = 0, 63 do
    if not found or found[i] == nil then break end
    list[#list + 1] = found[i]
  end
  return list
end

local function ask(txn, url)
  local sent = txn.http:req_get_headers()
  local headers = {
    ["host"] = values(sent, "host"),
    ["x-forwarded-for"] = { txn.sf:src() },
    ["x-original-method"] = { txn.sf:method() },
    ["x-original-proto"] = { "https" },
    ["x-original-host"] = values(sent, "host"),
    ["x-original-uri"] = { txn.sf:pathq() },
  }
  for _, name in ipairs(asked) do
    local list = values(sent, name)
    if #list > 0 then headers[name] = list end
  end
  return core.httpclient():get({ url = url, headers = headers, timeout = 5000 })
end

local function refuse(txn, status, answer)
  local reply = txn:reply({ status = status })
  if answer then
    for _, name in ipairs(refused) do
      for _, value in ipairs(values(answer.headers, name)) do
        reply:add_header(name, value)
      end
    end
    local login = values(answer.headers, "x-auth-redirect")[1] or ""
    if status == 401 and login ~= "" then
      reply:set_status(302)
      reply:add_header("location", login)
    else
      reply:set_body(answer.body or "")
    end
  end
  txn:done(reply)
end

core.register_action("handstamp", { "http-req" }, function(txn, url)
  local ok, answer = pcall(ask, txn, url)
  if not ok or not answer or answer.status ~= 200 then
    if ok and answer and statuses[answer.status] then
      return refuse(txn, answer.status, answer)
    end
    return refuse(txn, 503)
  end
  for _, name in ipairs(identity) do
    txn.http:req_set_header(name, values(answer.headers, name)[1] or "")
  end
  -- The session itself is not for the app, which could do with it whatever its user may do.
  local cookies = table.concat(values(txn.http:req_get_headers(), "cookie"), "; ")
  if cookies ~= "" then
    txn.http:req_set_header("cookie", (cookies:gsub("__%a+%-session=[^;]*;? ?", "")))
  end
  local cookie = values(answer.headers, "set-cookie")[1]
  if cookie then
    txn:set_var("txn.cookie", cookie)
  end
  txn:set_var("txn.backend", "app")
end, 1)
