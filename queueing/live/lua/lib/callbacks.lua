-- Who has left the page and is to be called when it is nearly their turn. They keep their place without a socket.
-- `record.callback` is {channel, at, calls, called: the journal's entry that says so, who: what it counts for}; `record.calls` counts
-- also those of one that was taken back.
-- include: lib/state
-- keys: callback caller
--
-- callback  zset  conversation by what is due: 0 it is to be called, CALLED it was and its turn has not come, else when its hold
--                 is over (ms)
-- caller    zset  "<who>/<conversation>", all with score 0: how many callbacks a contact, an address or a site has asked for
local AWAY_MAX = 200
local CALLED = 9000000000000000
local away_ones

-- {conversation: true} of those who have no socket: read once for each match, as many as AWAY_MAX at most.
local function read_away()
  away_ones = {}
  local asked = redis.call('ZRANGE', K['callback'], '0', '-1')
  if #asked == 0 then return end
  local parties = {}
  for index, cid in ipairs(asked) do parties[index] = customer(cid) end
  for index, conn in ipairs(redis.call('HMGET', K['conn'], unpack(parties))) do
    if not conn then away_ones[asked[index]] = true end
  end
end

local function is_away(cid)
  if not away_ones then read_away() end
  return away_ones[cid]
end

local function has_callback(cid) return redis.call('ZSCORE', K['callback'], cid) end

-- `record`: as it was stored with the callback.
local function drop_callback(cid, callback)
  if not callback then return end
  redis.call('ZREM', K['callback'], cid)
  for _, who in ipairs(callback.who or {}) do redis.call('ZREM', K['caller'], who .. '/' .. cid) end
end

local function keep_callback(cid, callback, due)
  redis.call('ZADD', K['callback'], due, cid)
  for _, who in ipairs(callback.who) do redis.call('ZADD', K['caller'], '0', who .. '/' .. cid) end
end

-- The page is open again. A hold is over with that; the next begins when the turn comes and nobody is there again.
local function is_back(cid)
  local due = tonumber(redis.call('ZSCORE', K['callback'], cid))
  if not due then return end
  if due > 0 then redis.call('ZADD', K['callback'], CALLED, cid) end
  notify()
end

-- The worker tells them, once for each `call`. The hold is running already where their turn has come.
local function call_back(cid, record, due)
  local callback = record.callback
  callback.calls, record.calls = callback.calls + 1, (record.calls or 0) + 1
  local entry = cjson.encode({call = record.calls, again = callback.calls > 1})
  cjson.encode(record)  -- what cannot be put down is found before anything is written; an id more changes nothing about that
  redis.call('ZADD', K['callback'], due, cid)
  callback.called = journal('callback:called', cid, record.trace, entry)
  save(cid, cjson.encode(record))
  count('callbacks:called')
  notify()
end

-- It was the turn of somebody who is away: from now on they have so long to come.
local function turn_came(cfg, cid)
  local due = tonumber(redis.call('ZSCORE', K['callback'], cid))
  if due == CALLED then
    redis.call('ZADD', K['callback'], int(now + cfg.callback_hold), cid)
  elseif due == 0 then
    local record = get(cid)
    if record and record.callback then call_back(cid, record, int(now + cfg.callback_hold)) end
  end
end
