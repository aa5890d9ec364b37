-- The rules: who is matched with whom, how a conversation ends, what a lost socket means.
-- include: infra/detect_restart lib/state lib/places
local SCAN_MAX = 1000

-- Idle operators by how long they have been idle, and only with a live socket.
local function next_operator()
  for _, op in ipairs(redis.call('ZRANGE', K['available'], 0, 99)) do
    if connected(operator(op)) then return op end
    redis.call('ZREM', K['available'], op)
  end
end

-- The first in the queue who is there, or was a moment ago; the absent ones before keep their tickets.
-- `unclaimable` are passed over: {conversation: true}.
local function next_customer(grace_of, unclaimable)
  local skipped = {}
  for from = 0, SCAN_MAX - 1, 50 do
    local batch = redis.call('ZRANGE', K['line'], from, from + 49)
    for _, cid in ipairs(batch) do
      local deadline = tonumber(redis.call('ZSCORE', K['grace'], customer(cid)))
      local here = not deadline or deadline - grace_of(cid) + BLINK_MS > now
      if here and not unclaimable[cid] then return cid, skipped end
      if not here and #skipped < 20 then skipped[#skipped + 1] = cid end
    end
    if #batch < 50 then return nil end
  end
end

local function grace_ms(cfg, cid, in_call)
  local record = get(cid)
  if in_call then return cfg.call_grace end
  -- A phone that locks its screen drops the socket; its owner has not left.
  return record and record.mobile and cfg.queue_grace_mobile or cfg.queue_grace
end

local function ready_frame(record, op, for_customer)
  local peer
  if for_customer then
    peer = cjson.encode({name = redis.call('HGET', K['operator'], op .. ':name') or op})
  else
    peer = cjson.encode({name = record.name, topic = record.topic, locale = record.locale})
    if record.attributes then peer = with(peer, '"attributes":' .. record.attributes) end
  end
  return with(frame('queue:ready', {polite = for_customer, media = record.media, since = now}), '"peer":' .. peer)
end

-- Where the next frame of a party will stand: "<epoch>/<seq>", by which `check` knows whether it was ever put there.
local function next_mail(party)
  local known = redis.call('HMGET', K['box'], party .. ':epoch', party .. ':seq')
  return (known[1] or '0') .. '/' .. int((tonumber(known[2]) or 0) + 1)
end

-- All texts of a claim; nothing is written yet. Nil when the customer's record cannot be read.
local function plan_claim(op, cid, skipped, jumped)
  local record = get(cid)
  if not record then return nil end
  local waited = math.max(0, now - record.joined_at)
  record.status, record.operator, record.claimed_at = 'active', op, now
  record.ready = {c = next_mail(customer(cid)), o = next_mail(operator(op))}
  return {
    op = op, cid = cid, waited = waited, trace = record.trace, places = record.places, record = cjson.encode(record),
    for_customer = ready_frame(record, op, true), for_operator = ready_frame(record, op, false),
    entry = cjson.encode({
      operator = op, waited_ms = waited, jumped = jumped or nil, skipped = #skipped > 0 and skipped or nil,
    }),
  }
end

local function claim(cfg, plan)
  local op, cid = plan.op, plan.cid
  redis.call('ZREM', K['line'], cid)
  redis.call('ZREM', K['available'], op)
  redis.call('ZREM', K['wrapup'], op)
  redis.call('HSET', K['active'], cid, op)
  redis.call('HSET', K['serving'], op, cid)
  give_places(cid, plan.places)
  save(cid, plan.record)
  if not redis.call('HGET', K['conn'], customer(cid)) then
    redis.call('ZADD', K['grace'], int(now + grace_ms(cfg, cid, true)), customer(cid))
  end
  put(customer(cid), cid, 'r', plan.for_customer)
  put(operator(op), cid, 'r', plan.for_operator)
  count('claimed')
  observe('wait', plan.waited)
  journal('claimed', cid, plan.trace, plan.entry)
  notify()
end

-- A Redis that was emptied under open connections: their boot did not see it.
local function notice_wipe(cfg)
  if redis.call('HEXISTS', K['meta'], 'generation') == 0 then
    detect_restart(now, cfg.recovery, math.max(cfg.queue_grace, cfg.queue_grace_mobile, cfg.call_grace), cfg.lease)
  end
end

-- After a wipe claims wait, so that returning tokens can take their old places first.
local function match(cfg)
  notice_wipe(cfg)
  if now < meta('recover_until') then return 0 end
  local matched, unclaimable = 0, {}
  for _ = 1, 100 do
    local op = next_operator()
    if not op then break end
    local cid, skipped = next_customer(function(id) return grace_ms(cfg, id, false) end, unclaimable)
    if not cid then break end
    -- One that cannot be claimed must not keep the others from it, nor undo what this script has done before.
    local planned, plan = pcall(plan_claim, op, cid, skipped)
    if planned and plan then
      claim(cfg, plan)
      matched = matched + 1
    else
      unclaimable[cid] = true
      fault('claim', plan)
    end
  end
  return matched
end

local function become_available(op)
  redis.call('ZREM', K['wrapup'], op)
  if redis.call('HEXISTS', K['serving'], op) == 0 and connected(operator(op)) then
    redis.call('ZADD', K['available'], 'NX', now_us, op)
    notify()
    return true
  end
  return false
end

local function free_operator(cfg, op)
  redis.call('HDEL', K['serving'], op)
  if wants(op) then
    if cfg.wrap_up > 0 then
      redis.call('ZADD', K['wrapup'], int(now + cfg.wrap_up), op)
    else
      become_available(op)
    end
  end
end

-- Ends a conversation once; answers its former status, or nil when it is over already.
local function finish(cfg, cid, reason, by)
  local record = get(cid)
  if not record or record.status == 'ended' then return nil end
  local was, op, trace = record.status, record.operator, record.trace
  local talked_ms = math.max(0, now - (record.claimed_at or now))
  local data = {reason = reason, by = by}
  if was == 'active' then
    data.duration_ms, data.operator = talked_ms, op
  else
    data.waited_ms = math.max(0, now - (record.joined_at or now))
  end
  record.status, record.reason, record.ended_at = 'ended', reason, now
  local stored, entry = cjson.encode(record), cjson.encode(data)
  local goodbye = was == 'active' and frame('call:ended', {reason = reason, by = by}) or frame('queue:left', {reason = reason})
  if was == 'active' then
    redis.call('HDEL', K['active'], cid)
    -- Not away for a moment: whoever ended it, or did not come back in time, is gone.
    if by == 'customer' or reason == 'customer-lost' then tell(operator(op), cid, 'peer:presence', {state = 'left'}) end
    if by == 'operator' or reason == 'operator-lost' then tell(customer(cid), cid, 'peer:presence', {state = 'left'}) end
    put(customer(cid), cid, 'e', goodbye)
    put(operator(op), cid, 'e', goodbye)
    redis.call('LPUSH', K['samples'], int(talked_ms / 1000))
    redis.call('LTRIM', K['samples'], 0, KEEP_SAMPLES - 1)
    observe('handling', talked_ms)
    free_operator(cfg, op)
    tell_operator_state(op)
  else
    redis.call('ZREM', K['line'], cid)
    give_places(cid, record.places)
    put(customer(cid), cid, 'e', goodbye)
  end
  save(cid, stored)
  redis.call('ZREM', K['grace'], customer(cid))
  redis.call('ZADD', K['ended'], int(now + cfg.keep), cid)
  redis.call('HDEL', K['call'], customer(cid))
  if op then redis.call('HDEL', K['call'], operator(op)) end
  forget_media(cid)
  count('ended')
  count('ended:' .. reason)
  journal('ended', cid, trace, entry)
  notify()
  return was
end

-- The same for many at once: one that cannot be ended keeps nobody else from it. Answers its former status or nil, and
-- whether it could be done.
local function try_finish(cfg, cid, reason, by)
  local done, was = pcall(finish, cfg, cid, reason, by)
  if done then return was, true end
  fault('end', was)
  return nil, false
end

local function presence(party, state, grace)
  local peer = peer_of(party)
  if peer then
    local cid = side(party) == 'c' and id_of(party) or id_of(peer)
    tell(peer, cid, 'peer:presence', {state = state, grace_s = grace and math.floor(grace / 1000) or nil})
  end
end

-- The party's socket is gone: its place or its call is kept until the grace ends.
local function lost(cfg, party)
  local id, deadline = id_of(party), nil
  if side(party) == 'c' then
    local in_call = redis.call('HEXISTS', K['active'], id) == 1
    if in_call or redis.call('ZSCORE', K['line'], id) then deadline = grace_ms(cfg, id, in_call) end
  else
    redis.call('ZREM', K['available'], id)
    if wants(id) or redis.call('HEXISTS', K['serving'], id) == 1 then deadline = cfg.call_grace end
  end
  if deadline then
    redis.call('ZADD', K['grace'], int(now + deadline), party)
    presence(party, 'away', deadline)
    local cid = side(party) == 'c' and id or redis.call('HGET', K['serving'], id)
    if cid then
      tell_of('party:away', cid, string.format('{"from":"%s","grace_s":%.0f}', from_of(party), math.floor(deadline / 1000)))
    end
    notify()
  end
end

local function hold(party, conn)
  local process = string.match(conn, '^[^|]+')
  redis.call('HSET', K['box'], party .. ':home', process)
  redis.call('HSET', K['conn'], party, conn)
  redis.call('ZADD', K['held'], 0, process .. '/' .. party)
  if not redis.call('ZSCORE', K['lease'], process) then redis.call('ZADD', K['lease'], int(now + 10000), process) end
end

local function release(party, conn)
  redis.call('HDEL', K['conn'], party)
  redis.call('ZREM', K['held'], string.match(conn, '^[^|]+') .. '/' .. party)
end

-- The newest socket speaks for the party; an older one is told that it was replaced. The caller matches afterwards,
-- so that what matching puts into the mailbox comes after the numbers that it answers with. Answers how it came back:
-- {away: its socket was lost; took: another socket had to go; moved: it came through another process}
local function take_over(cfg, party, conn)
  local old = redis.call('HGET', K['conn'], party)
  local home = redis.call('HGET', K['box'], party .. ':home')
  local moved = home and home ~= string.match(conn, '^[^|]+')
  if moved and peer_of(party) then count('failover:process') end
  if old and old ~= conn then
    tell_replaced(party, old, conn)
    release(party, old)
  end
  hold(party, conn)
  local was_away = redis.call('ZREM', K['grace'], party) == 1
  if was_away then presence(party, 'connected') end
  local id = id_of(party)
  if side(party) == 'o' then
    if not was_away and not old then redis.call('HSET', K['operator'], id .. ':wants', 0) end
    if wants(id) and not redis.call('ZSCORE', K['wrapup'], id) then become_available(id) end
  end
  if was_away then notify() end
  return {away = was_away, took = old and old ~= conn or false, moved = moved or false}
end

-- What a page needs to be drawn from nothing, as a flat list; read in the same step as the mailbox's numbers.
local function snapshot(party)
  local cid = side(party) == 'c' and id_of(party) or redis.call('HGET', K['serving'], id_of(party))
  if not cid then return false end
  local op = redis.call('HGET', K['active'], cid)
  local lines = {}
  local total = tonumber(redis.call('HGET', K['chat'], cid .. ':n')) or 0
  for n = math.max(1, total - CHAT_KEEP + 1), total do
    lines[#lines + 1] = redis.call('HGET', K['chat'], cid .. '/' .. n)
  end
  return {
    redis.call('HGET', K['conv'], cid) or '', redis.call('ZRANK', K['line'], cid) or -1,
    redis.call('ZCARD', K['line']), op and (redis.call('HGET', K['operator'], op .. ':name') or op) or '',
    redis.call('HGET', K['gen'], cid) or 0, lines,
  }
end

-- The highest id stored from the party in its present conversation; ids are zero-padded, so text order is number order.
local function last_id(party, cid)
  if not cid then return 0 end
  local prefix = cid .. '/' .. side(party) .. '/'
  local top = redis.call('ZREVRANGEBYLEX', K['sent'], '[' .. prefix .. '~', '[' .. prefix, 'LIMIT', 0, 1)[1]
  return top and tonumber(string.sub(top, #prefix + 1)) or 0
end

-- {resumed, epoch, seq, last id, gen, conversation, frames, snapshot or false, a customer's status or ''}
local function attached(party, epoch, last_seq, cid)
  local frames = resume(party, epoch, last_seq)
  local resumed = frames and 1 or 0
  if not frames then
    epoch = int(rebuild(party, now))
    if last_seq >= 0 then count('resyncs') end
  elseif #frames > 0 then
    count('replays')
    count('replayed_frames', #frames / 2)
  end
  local seq = redis.call('HGET', K['box'], party .. ':seq')
  return {
    resumed, epoch, seq, last_id(party, cid), cid and redis.call('HGET', K['gen'], cid) or 0, cid or '',
    frames or {}, resumed == 0 and snapshot(party) or false,
    side(party) == 'c' and (get(cid) or {}).status or '',
  }
end
