-- Once a second from every process: renews its lease, then does what time demands. Each part is bounded and idempotent.
-- include: lib/answering lib/calling_back
--
-- ARGV    cfg JSON, process ('' = a worker that holds no sockets), 1 when the process had a lease before
-- reply   {lapsed 1|0: the process was given up and its sockets are no longer known, ended, matched}
-- errors  none
local cfg, process = cjson.decode(ARGV[1]), ARGV[2]
local lapsed = 0
if process ~= '' then
  -- The mark is made by the first tick and goes with the lease; an attach that came since may have made a new lease.
  local mark = process .. '/'
  if ARGV[3] == '1' and not redis.call('ZSCORE', K['held'], mark) then lapsed = 1 end
  redis.call('ZADD', K['held'], '0', mark)
  local expires = tonumber(redis.call('ZSCORE', K['lease'], process))
  redis.call('ZADD', K['lease'], int(now + cfg.lease), process)
  -- It stood still and is back before anybody gave it up: nobody offered its operators meanwhile.
  if expires and expires <= now then
    for _, member in ipairs(redis.call('ZRANGEBYLEX', K['held'], '[' .. mark .. 'o:', '[' .. mark .. 'o:\255')) do
      local op = string.sub(member, #mark + 3)
      if wants(op) and not redis.call('ZSCORE', K['wrapup'], op) and become_available(op) then notify() end
    end
  end
end

-- Nobody looked for a while: Redis was away or everybody slept. What ran out meanwhile is not held against anyone.
local last = meta('last_tick')
if last > 0 and now - last > cfg.lease / 2 then
  redis.call('HSET', K['meta'], 'hold_until', int(now + math.max(cfg.queue_grace, cfg.queue_grace_mobile, cfg.call_grace)),
    'lease_hold', int(now + cfg.lease), 'reachable_at', int(now))
end
redis.call('HSET', K['meta'], 'last_tick', int(now))

local function reap_processes()
  if now < meta('lease_hold') then return end
  for _, dead in ipairs(redis.call('ZRANGEBYSCORE', K['lease'], '-inf', int(now), 'LIMIT', '0', '10')) do
    local prefix = dead .. '/'
    -- Only one that ended without a word was lost: hand_over takes the mark away.
    if redis.call('ZREM', K['held'], prefix) == 1 then count('processes_lost') end
    local held = redis.call('ZRANGEBYLEX', K['held'], '[' .. prefix, '[' .. prefix .. '\255', 'LIMIT', '0', '1000')
    for _, member in ipairs(held) do
      local party = string.sub(member, #prefix + 1)
      local conn = redis.call('HGET', K['conn'], party)
      redis.call('ZREM', K['held'], member)
      if conn and string.match(conn, '^[^|]+') == dead then
        redis.call('HDEL', K['conn'], party)
        lost(cfg, party)
      end
    end
    if #held < 1000 then redis.call('ZREM', K['lease'], dead) end
  end
end

-- Who was lost before an outage ended gets a whole grace of its own from then on: nobody could come back earlier.
-- Deadlines of those who were lost since are later than that, and stay.
local function respite(party)
  local id = id_of(party)
  local grace = side(party) == 'c' and grace_ms(cfg, id, redis.call('HEXISTS', K['active'], id) == 1) or cfg.call_grace
  return meta('reachable_at') + grace
end

-- Answers the former status of what ended, or nil, and whether it could be done.
local function reap_party(party)
  local id = id_of(party)
  if side(party) == 'c' then
    local record = get(id)
    return try_finish(cfg, id, record and record.status == 'active' and 'customer-lost' or 'abandoned', 'system')
  end
  local cid = redis.call('HGET', K['serving'], id)
  -- Before the end, so that it frees nobody who is not there.
  redis.call('HSET', K['operator'], id .. ':wants', 0)
  end_wrap_up(id, false)
  end_holds_for(id)
  notify()
  if not cid then return nil, true end
  return try_finish(cfg, cid, 'operator-lost', 'system')
end

local function reap_parties()
  local ended = 0
  for _, party in ipairs(redis.call('ZRANGEBYSCORE', K['grace'], '-inf', int(now), 'LIMIT', '0', '200')) do
    local until_then = respite(party)
    if until_then > now then
      redis.call('ZADD', K['grace'], int(until_then), party)
    else
      local was, done = reap_party(party)
      -- What could not be ended is tried again with the next tick.
      if done then redis.call('ZREM', K['grace'], party) end
      if was then ended = ended + 1 end
    end
  end
  return ended
end

local function end_longest_waits()
  if now < meta('hold_until') then return 0 end
  local ended = 0
  local oldest = int(now * 1000 - cfg.max_wait * 1000)
  local most = 100 + redis.call('ZCARD', K['callback'])
  for _, cid in ipairs(redis.call('ZRANGEBYSCORE', K['line'], '-inf', oldest, 'LIMIT', '0', most)) do
    -- The ticket of one who came back to the head of the queue is older than the wait.
    local record = get(cid)
    local since = record and (record.waiting_since or record.returns and record.joined_at)
    local longest = record and record.callback and cfg.callback_max_wait or cfg.max_wait
    if record and record.callback then since = since or record.joined_at end
    if (not since or since <= now - longest) and try_finish(cfg, cid, 'max-wait', 'system') then ended = ended + 1 end
  end
  return ended
end

-- Nobody has taken whom a colleague passed on: back to that one when free, else to anybody.
local function end_holds()
  if now < meta('reachable_at') + cfg.call_grace then return end
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', K['hold'], '-inf', int(now), 'LIMIT', '0', '100')) do
    local cid, but, op = string.match(member, '^([^/]+)/(|?)(.*)$')
    redis.call('ZREM', K['hold'], member)
    local record = get(cid)
    if record and record.status == 'waiting' and record.held == but .. op then
      record.held = nil
      local sender = but == '' and record.before
      local stored, entry = cjson.encode(record), cjson.encode({operator = op, waiting = redis.call('ZCARD', K['line'])})
      save(cid, stored)
      journal('hold-over', cid, record.trace, entry)
      notify()
      if sender and redis.call('ZSCORE', K['available'], sender) and connected(operator(sender)) then
        try_claim(cfg, sender, cid, {passed_on = true})
      end
    end
  end
end

local function end_wrap_ups()
  for _, op in ipairs(redis.call('ZRANGEBYSCORE', K['wrapup'], '-inf', int(now), 'LIMIT', '0', '200')) do
    if not wants(op) then
      end_wrap_up(op, false)
    elseif not become_available(op) and redis.call('HEXISTS', K['serving'], op) == 0 then
      redis.call('HSET', K['operator'], op .. ':wants', 0)
    end
    notify()
    tell_operator_state(op)
  end
end

local function forget_sent(cid)
  local fields = {cid .. '/c', cid .. '/o', cid .. ':left'}
  for op in string.gmatch(redis.call('HGET', K['box'], cid .. ':left') or '', '[^\n]+') do fields[#fields + 1] = cid .. '/o:' .. op .. '|' end
  redis.call('HDEL', K['box'], unpack(fields))
end

local function purge()
  for _, cid in ipairs(redis.call('ZRANGEBYSCORE', K['ended'], '-inf', int(now), 'LIMIT', '0', '100')) do
    local record, party = get(cid), customer(cid)
    if redis.call('HGET', K['conn'], party) then
      redis.call('ZADD', K['ended'], int(now + cfg.keep), cid)
    else
      -- The same key may have made a newer conversation since.
      if record and record.join_key and redis.call('HGET', K['joinkey'], record.join_key) == cid then
        redis.call('HDEL', K['joinkey'], record.join_key)
      end
      local total = tonumber(redis.call('HGET', K['chat'], cid .. ':n')) or 0
      for n = math.max(1, total - CHAT_KEEP), total do redis.call('HDEL', K['chat'], cid .. '/' .. n) end
      redis.call('HDEL', K['chat'], cid .. ':n')
      redis.call('HDEL', K['file'], cid .. ':all', unpack(file_fields(cid)))
      forget_sent(cid)
      drop_box(party)
      redis.call('HDEL', K['conv'], cid)
      redis.call('HDEL', K['gen'], cid)
      redis.call('HDEL', K['device'], cid)
      redis.call('HDEL', K['call'], party)
      redis.call('ZREM', K['ended'], cid)
    end
  end
end

if not is_indexed() then index_anew() end
reap_processes()
give_back_unanswered(cfg)
local ended = reap_parties() + end_longest_waits()
end_wrap_ups()
end_holds()
purge()
local matched = match(cfg)
return {lapsed, ended + see_to_callbacks(cfg), matched}
