-- Looks for whatever the invariants forbid, and mends it when asked. One finding that cannot be mended stops no other.
-- include: lib/rules
--
-- ARGV    cfg JSON, 1 to mend, reason of an end…: all that there are
-- reply   {"<code> <id>", …}: what was found
-- errors  none
local cfg, mend = cjson.decode(ARGV[1]), ARGV[2] == '1'
local found = {}
local reported = {}
local function report(code, id)
  reported[id] = true
  found[#found + 1] = code .. ' ' .. id
end

local function free_desk(op)
  if redis.call('HEXISTS', K['serving'], op) == 1 then free_operator(cfg, op) end
end

-- What nobody can read is dropped: no page can be drawn from it.
local function drop(cid)
  local op = redis.call('HGET', K['active'], cid)
  redis.call('HDEL', K['conv'], cid)
  dequeue(cid)
  redis.call('HDEL', K['active'], cid)
  redis.call('ZREM', K['grace'], customer(cid))
  redis.call('ZREM', K['callback'], cid)
  if op and redis.call('HGET', K['serving'], op) == cid then free_desk(op) end
end

-- Whether the frame that announced a call was put into the party's mailbox. A mailbox that was rebuilt since has told the
-- whole state instead, and what was acknowledged is not kept.
local function announced(record, party)
  local epoch, seq = ready_mark(record, party)
  if not epoch then return record.ready ~= nil end
  local known = redis.call('HMGET', K['box'], party .. ':epoch', party .. ':seq', party .. ':floor')
  if (known[1] or '0') ~= epoch then return true end
  if (tonumber(known[2]) or 0) < seq then return false end
  if (tonumber(known[3]) or 0) >= seq then return true end
  local stored = redis.call('HGET', K['mail'], party .. '/' .. int(seq))
  return stored ~= false and string.sub(stored, 1, #record.id + 1) == record.id .. '\n'
end

-- Its page draws the call from the whole state.
local function draw_anew(record, party)
  record.ready = record.ready or {}
  record.ready[side(party)] = nil
  local built, text = pcall(cjson.encode, record)
  if not built then return fault('repair', text) end
  drop_box(party)
  if redis.call('HGET', K['conn'], party) then tell_resync(party, record.id) end
  save(record.id, text)
end

local live = 0
for _, cid in ipairs(redis.call('HKEYS', K['conv'])) do
  local record, party = get(cid), customer(cid)
  local in_line = redis.call('ZSCORE', K['line'], cid)
  local op = redis.call('HGET', K['active'], cid)
  if not record then
    report('unreadable', cid)
    if mend then drop(cid) else live = live + 1 end
  else
    if record.status ~= 'ended' then live = live + 1 end
    if in_line and op then
      report('waiting_and_active', cid)
      if mend then dequeue(cid) end
    elseif record.status == 'waiting' and op then
      -- Taken in part: the operator was marked, the customer was not told.
      report('claimed_in_part', cid)
      if mend then
        redis.call('HDEL', K['active'], cid)
        if redis.call('HGET', K['serving'], op) == cid then free_desk(op) end
        enqueue(record)
      end
    elseif record.status == 'waiting' and not in_line then
      report('waiting_but_not_in_line', cid)
      if mend then enqueue(record) end
    elseif record.status == 'active' and not op then
      report('active_but_unassigned', cid)
      if mend then try_finish(cfg, cid, 'repaired', 'ops') end
    elseif record.status == 'active' and record.operator ~= op then
      report('active_with_another', cid)
      if mend then try_finish(cfg, cid, 'repaired', 'ops') end
    elseif record.status == 'ended' and (in_line or op) then
      report('ended_but_listed', cid)
      if mend then
        dequeue(cid)
        redis.call('HDEL', K['active'], cid)
      end
    elseif record.status == 'active' then
      for _, one in ipairs({party, operator(op)}) do
        if not announced(record, one) then
          report('call_not_announced', one)
          if mend then draw_anew(record, one) end
        end
      end
    end
    if record.status == 'ended' and not redis.call('ZSCORE', K['ended'], cid) then
      report('ended_but_kept', cid)
      if mend then redis.call('ZADD', K['ended'], int(now + cfg.keep), cid) end
    end
    if record.status ~= 'ended' and not redis.call('HGET', K['conn'], party) and not redis.call('ZSCORE', K['grace'], party)
      and not has_callback(cid) then
      report('stuck_without_socket', cid)
      if mend then redis.call('ZADD', K['grace'], int(now + grace_ms(cfg, cid, record.status == 'active')), party) end
    end
  end
end

for _, cid in ipairs(redis.call('ZRANGE', K['line'], 0, -1)) do
  if redis.call('HEXISTS', K['conv'], cid) == 0 then
    report('orphan_in_line', cid)
    if mend then dequeue(cid) end
  end
end
local calls = redis.call('HGETALL', K['active'])
for index = 1, #calls, 2 do
  local cid, op = calls[index], calls[index + 1]
  if redis.call('HEXISTS', K['conv'], cid) == 0 then
    report('orphan_in_call', cid)
    if mend then
      redis.call('HDEL', K['active'], cid)
      if redis.call('HGET', K['serving'], op) == cid then free_desk(op) end
    end
  elseif redis.call('HGET', K['serving'], op) ~= cid then
    report('claimed_twice', cid)
    if mend then try_finish(cfg, cid, 'repaired', 'ops') end
  end
end
local desks = redis.call('HGETALL', K['serving'])
for index = 1, #desks, 2 do
  if redis.call('HGET', K['active'], desks[index + 1]) ~= desks[index] then
    report('operator_serves_nobody', desks[index])
    if mend then free_desk(desks[index]) end
  elseif redis.call('ZSCORE', K['wrapup'], desks[index]) then
    report('wrap_up_in_call', desks[index])
    if mend then redis.call('ZREM', K['wrapup'], desks[index]) end
  end
end
for _, op in ipairs(redis.call('ZRANGE', K['available'], 0, -1)) do
  if redis.call('HEXISTS', K['serving'], op) == 1 then
    report('available_in_call', op)
    if mend then withdraw(op) end
  end
end
-- Whether its process renews its lease. One that stands still offers its operators when it goes on.
local function ticks(party)
  local conn = redis.call('HGET', K['conn'], party)
  local expires = conn and redis.call('ZSCORE', K['lease'], string.match(conn, '^[^|]+'))
  return expires and tonumber(expires) > now
end

-- On shift, there and free, but in no list from which anybody is taken.
local marks = redis.call('HGETALL', K['operator'])
for index = 1, #marks, 2 do
  local op = string.match(marks[index], '^(.*):wants$')
  if op and marks[index + 1] == '1' and ticks(operator(op)) and redis.call('HEXISTS', K['serving'], op) == 0
    and not redis.call('ZSCORE', K['available'], op) and not redis.call('ZSCORE', K['wrapup'], op) then
    report('free_but_not_offered', op)
    if mend and become_available(op) then notify() end
  end
end

for _, cid in ipairs(redis.call('ZRANGE', K['answer'], 0, -1)) do
  if redis.call('HEXISTS', K['active'], cid) == 0 then
    report('answer_of_no_call', cid)
    if mend then redis.call('ZREM', K['answer'], cid) end
  end
end

for _, hold in ipairs(holds()) do
  local record, word = get(hold.conversation), (hold.others and '|' or '') .. hold.operator
  if not record or record.status ~= 'waiting' or record.held ~= word then
    report('hold_of_nobody', hold.conversation)
    if mend then redis.call('ZREM', K['hold'], hold.conversation .. '/' .. word) end
  end
end

local callers = {}
for _, cid in ipairs(redis.call('ZRANGE', K['callback'], 0, -1)) do
  local record = get(cid)
  if not record or record.status ~= 'waiting' or not record.callback then
    report('callback_of_nobody', cid)
    if mend then redis.call('ZREM', K['callback'], cid) end
  else
    for _, who in ipairs(record.callback.who or {}) do callers[who .. '/' .. cid] = true end
  end
end
for _, cid in ipairs(redis.call('ZRANGE', K['line'], 0, -1)) do
  local record = get(cid)
  if record and record.callback and not has_callback(cid) then
    report('callback_not_listed', cid)
    if mend then keep_callback(cid, record.callback, 0) end
  end
end
for _, member in ipairs(redis.call('ZRANGE', K['caller'], 0, -1)) do
  if not callers[member] then
    report('caller_of_nobody', string.match(member, '[^/]*$'))
    if mend then redis.call('ZREM', K['caller'], member) end
  end
end
-- What `lines` and `free` say of each line is what `line` and `available` say of all. Of whom something is said above already,
-- that follows.
local astray = false
local function stray(id)
  astray = true
  if not reported[id] then report('not_in_its_line', id) end
end
local function misplaced(name, expected, id_at)
  for _, member in ipairs(redis.call('ZRANGE', name, 0, -1)) do
    if not expected[member] then stray(string.match(member, id_at)) end
    expected[member] = nil
  end
  for _, id in pairs(expected) do stray(id) end
end
local queued, hurried, offers = {}, {}, {}
local tickets = redis.call('ZRANGE', K['line'], 0, -1, 'WITHSCORES')
for index = 1, #tickets, 2 do
  local cid, record = tickets[index], get(tickets[index]) or {}
  local line = record.line or ''
  queued[place_in(line, tickets[index + 1], cid)] = cid
  if record.priority then hurried[urgent_in(line, record.priority, tickets[index + 1], cid)] = cid end
  local place = redis.call('HGET', K['line_of'], cid) or ''
  if place ~= (line == '' and '' or line .. '/' .. in_digits(tickets[index + 1])) then stray(cid) end
end
local idle = redis.call('ZRANGE', K['available'], 0, -1, 'WITHSCORES')
for index = 1, #idle, 2 do
  for _, one in ipairs(served_by(idle[index])) do
    offers[one.line .. '/' .. one.level .. '/' .. string.format('%016.0f', idle[index + 1]) .. '/' .. idle[index]] = idle[index]
  end
end
misplaced(K['lines'], queued, '[^/]*$')
misplaced(K['urgent'], hurried, '[^/]*$')
misplaced(K['free'], offers, '^[^/]*/[^/]*/[^/]*/(.*)$')
if mend and astray then index_anew() end

local function stat(name) return tonumber(redis.call('HGET', K['stats'], name)) or 0 end
if stat('joined') - stat('ended') ~= live then
  report('counter_mismatch', 'joined')
  if mend then
    live = redis.call('ZCARD', K['line']) + redis.call('HLEN', K['active'])
    redis.call('HSET', K['stats'], 'ended', stat('joined') - live)
  end
end

local places = {}
for _, cid in ipairs(redis.call('ZRANGE', K['line'], 0, -1)) do
  for _, group in ipairs((get(cid) or {}).places or {}) do places[group .. '/' .. cid] = cid end
end
for _, member in ipairs(redis.call('ZRANGE', K['places'], 0, -1)) do
  if not places[member] then
    report('place_of_nobody', string.match(member, '[^/]*$'))
    if mend then redis.call('ZREM', K['places'], member) end
  end
  places[member] = nil
end
for member, cid in pairs(places) do
  report('place_not_counted', cid)
  if mend then redis.call('ZADD', K['places'], 0, member) end
end

-- Older versions counted the end under whatever word a page gave.
local reasons, made_up, ends = {}, {}, 0
for index = 3, #ARGV do reasons['ended:' .. ARGV[index]] = true end
local counters = redis.call('HGETALL', K['stats'])
for index = 1, #counters, 2 do
  if string.sub(counters[index], 1, 6) == 'ended:' and not reasons[counters[index]] then
    made_up[#made_up + 1] = counters[index]
    ends = ends + (tonumber(counters[index + 1]) or 0)
  end
end
if #made_up > 0 then
  report('made_up_reasons', #made_up)
  if mend then
    for _, name in ipairs(made_up) do redis.call('HDEL', K['stats'], name) end
    count('ended:other', ends)
  end
end
if mend then match(cfg) end
return found
