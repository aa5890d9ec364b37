-- The rules: how a conversation ends, what a lost socket means, how a party comes back.
-- include: lib/matching
local function free_operator(cfg, op)
  local cid = redis.call('HGET', K['serving'], op)
  local pause = (cid and get(cid) or {}).wrap_up or cfg.wrap_up
  redis.call('HDEL', K['serving'], op)
  if wants(op) then
    -- What came of it is still to be said. This is the longest that anybody waits for that.
    if cid and cfg.outcome_wait > pause and redis.call('HGET', K['operator'], op .. ':settled') ~= cid then
      pause = cfg.outcome_wait
      redis.call('HSET', K['operator'], op .. ':asked', cid)
    end
    if pause > 0 then
      redis.call('ZADD', K['wrapup'], int(now + pause), op)
      redis.call('HSET', K['operator'], op .. ':wraps', int(now))
    elseif become_available(op) then
      keep_wrap_up(0)
    end
  end
end

-- Ends a conversation once; answers its former status, or nil when it is over already.
local function finish(cfg, cid, reason, by)
  local record = get(cid)
  if not record or record.status == 'ended' then return nil end
  local was, op, trace, callback = record.status, record.operator, record.trace, record.callback
  local talked_ms = math.max(0, now - (record.claimed_at or now))
  local data = {reason = reason, by = by}
  if was == 'active' then
    data.duration_ms, data.operator = talked_ms, op
  else
    data.waited_ms = math.max(0, now - (record.joined_at or now))
  end
  record.status, record.reason, record.ended_at, record.callback = 'ended', reason, now, nil
  local stored, entry = cjson.encode(record), cjson.encode(data)
  local goodbye = was == 'active' and frame('call:ended', {reason = reason, by = by}) or frame('queue:left', {reason = reason})
  if was == 'active' then
    redis.call('HDEL', K['active'], cid)
    redis.call('ZREM', K['answer'], cid)
    -- Not away for a moment: whoever ended it, or did not come back in time, is gone.
    if by == 'customer' or reason == 'customer-lost' then tell(operator(op), cid, 'peer:presence', {state = 'left'}) end
    if by == 'operator' or reason == 'operator-lost' then tell(customer(cid), cid, 'peer:presence', {state = 'left'}) end
    put(customer(cid), cid, 'e', goodbye)
    put(operator(op), cid, 'e', goodbye)
    redis.call('LPUSH', K['samples'], int(talked_ms / 1000))
    redis.call('LTRIM', K['samples'], '0', KEEP_SAMPLES - 1)
    observe('handling', talked_ms)
    free_operator(cfg, op)
    tell_operator_state(op)
  else
    dequeue_known(record)
    if record.held then redis.call('ZREM', K['hold'], cid .. '/' .. record.held) end
    give_places(cid, record.places)
    drop_callback(cid, callback)
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
  if side(party) == 'c' and has_callback(id) then return notify() end
  if side(party) == 'c' then
    local in_call = redis.call('HEXISTS', K['active'], id) == 1
    if in_call or redis.call('ZSCORE', K['line'], id) then deadline = grace_ms(cfg, id, in_call) end
  else
    withdraw(id)
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
  redis.call('ZADD', K['held'], '0', process .. '/' .. party)
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
  if side(party) == 'c' then
    is_back(id)
  else
    if not was_away and not old then redis.call('HSET', K['operator'], id .. ':wants', 0) end
    if wants(id) and not redis.call('ZSCORE', K['wrapup'], id) and become_available(id) then notify() end
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
    redis.call('HGET', K['conv'], cid) or '', rank_of(cid) or -1,
    length_of(line_of(cid)), op and (redis.call('HGET', K['operator'], op .. ':name') or op) or '',
    redis.call('HGET', K['gen'], cid) or 0, lines, infos_of(cid), redis.call('HGET', K['device'], cid) or '',
  }
end

-- The highest id stored from the party in its present conversation. An operator's page goes on above those of the operators
-- before: on the customer's page a line is known by its id.
local function last_id(party, cid)
  if not cid then return 0 end
  local own = tonumber(last_in(numbers_of(cid, side(party)))) or 0
  local record = side(party) == 'o' and get(cid)
  return record and math.max(own, tonumber(record.above) or 0) or own
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
