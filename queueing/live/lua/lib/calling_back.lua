-- Callbacks in time: who is near is called, whose turn has come has a while to be there, who is not is called once more and
-- then missed.
-- include: lib/rules
local CALLS_MAX = 2
-- Without any call of late to go by.
local CALL_MS = 300000
local RECORDER = 'recorder'

local function mean_ms(values)
  local sum = 0
  for _, value in ipairs(values) do sum = sum + tonumber(value) end
  return #values > 0 and sum / #values * 1000 or nil
end

-- How many operators serve each line now: free, in a call or in the wrap-up after one.
local function operators_there()
  local found = {}
  for _, ops in ipairs({redis.call('ZRANGE', K['available'], 0, -1), redis.call('HVALS', K['active']), redis.call('ZRANGE', K['wrapup'], 0, -1)}) do
    read_lines_of(ops)
    for _, op in ipairs(ops) do
      for _, one in ipairs(served_by(op)) do found[one.line] = (found[one.line] or 0) + 1 end
    end
  end
  return found
end

-- With so many ahead it is nearly one's turn: as many as the operators there serve within the lead, and one at least. Nobody
-- while there is no operator: who is called then would come for nothing.
local function places_near(cfg, there)
  if not there then return -1 end
  local calls, wraps = redis.call('LRANGE', K['samples'], 0, -1), redis.call('LRANGE', K['wraps'], 0, -1)
  local each = (mean_ms(calls) or CALL_MS) + (mean_ms(wraps) or 0)
  return math.max(1, math.floor(cfg.callback_lead * there / math.max(1000, each)))
end

local function call_the_near(cfg)
  local uncalled = redis.call('ZRANGEBYSCORE', K['callback'], 0, 0)
  local there, near = #uncalled > 0 and operators_there(), {}
  for _, cid in ipairs(uncalled) do
    local rank = is_away(cid) and rank_of(cid)
    local line = rank and line_of(cid)
    if rank and not near[line] then near[line] = places_near(cfg, there[line]) end
    local record = rank and rank <= near[line] and get(cid)
    if record and record.callback then call_back(cid, record, CALLED) end
  end
end

-- Somebody is free for their line and nobody else was there to be taken: it is the turn of the first of those who are away.
local function turns_of_the_away(cfg)
  local free, looked, away = redis.call('ZCARD', K['available']), 0, {}
  if free == 0 or redis.call('ZCARD', K['callback']) == 0 then return end
  for cid in pairs(away_ones) do
    local ticket = tonumber(redis.call('ZSCORE', K['line'], cid))
    if ticket then away[#away + 1] = {cid = cid, ticket = ticket} end
  end
  table.sort(away, function(one, other) return one.ticket < other.ticket end)
  for _, one in ipairs(away) do
    if redis.call('ZLEXCOUNT', K['free'], of_line(line_of(one.cid))) > 0 then
      turn_came(cfg, one.cid)
      looked = looked + 1
      if looked == free then return end
    end
  end
end

-- Whether the entry `one` stands behind `other` in the journal.
local function is_behind(one, other)
  local ms, n = string.match(one, '^(%d+)-(%d+)$')
  local other_ms, other_n = string.match(other, '^(%d+)-(%d+)$')
  if ms == other_ms then return tonumber(n) > tonumber(other_n) end
  return tonumber(ms) > tonumber(other_ms)
end

-- Whether the worker has recorded `called`, the entry of the last call: a database that is out holds up all that they are told by.
local function is_told(called)
  local readable, groups = pcall(redis.call, 'XINFO', 'GROUPS', K['journal'])
  if not readable then return true end
  for _, group in ipairs(groups) do
    local about = {}
    for index = 1, #group, 2 do about[group[index]] = group[index + 1] end
    if about.name == RECORDER then
      local oldest = redis.call('XPENDING', K['journal'], RECORDER)[2]
      return not is_behind(called, about['last-delivered-id']) and (not oldest or is_behind(oldest, called))
    end
  end
  return true
end

-- Answers whether the wait is over.
local function end_hold(cfg, cid)
  local record = get(cid)
  if not record or not record.callback then return false end
  local callback = record.callback
  if callback.called and not is_told(callback.called) then
    redis.call('ZADD', K['callback'], int(now + cfg.callback_hold), cid)
  elseif callback.calls < CALLS_MAX then
    call_back(cid, record, int(now + cfg.callback_hold))
  else
    return finish(cfg, cid, 'callback-missed', 'system') ~= nil
  end
  return false
end

-- Answers how many waits are over.
local function see_to_callbacks(cfg)
  if redis.call('ZCARD', K['callback']) == 0 or now < meta('recover_until') then return 0 end
  read_away()
  call_the_near(cfg)
  turns_of_the_away(cfg)
  -- Nobody could come while nobody could be reached.
  if now < meta('reachable_at') + cfg.callback_hold then return 0 end
  local ended = 0
  for _, cid in ipairs(redis.call('ZRANGEBYSCORE', K['callback'], 1, int(now), 'LIMIT', 0, 100)) do
    local done, over = pcall(end_hold, cfg, cid)
    if not done then
      redis.call('ZADD', K['callback'], 'XX', int(now + 5000), cid)
      fault('callback', over)
    elseif over then
      ended = ended + 1
    end
  end
  return ended
end
