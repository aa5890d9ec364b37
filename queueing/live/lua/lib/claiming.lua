-- A claim: somebody who waits and an operator who is free become a conversation, whole or not at all.
-- include: infra/detect_restart lib/state lib/sent lib/lines lib/places lib/callbacks
-- keys: answer hold
--
-- answer  zset  conversation by when it goes back into the queue (ms) unless its operator answers; only fresh matches
-- hold    see lib/choosing
local function grace_ms(cfg, cid, in_call)
  local record = get(cid)
  if in_call then return cfg.call_grace end
  -- A phone that locks its screen drops the socket; its owner has not left.
  return record and record.mobile and cfg.queue_grace_mobile or cfg.queue_grace
end

-- `device`: what the customer's page found out about its devices, as it wrote it.
local function ready_frame(record, op, for_customer, gen, device)
  local peer
  if for_customer then
    peer = cjson.encode({name = redis.call('HGET', K['operator'], op .. ':name') or op})
  else
    peer = cjson.encode({name = record.name, topic = record.topic, locale = record.locale, site = record.site_name,
      line = record.line_name})
    if record.attributes then peer = with(peer, '"attributes":' .. record.attributes) end
    if record.visit then peer = with(peer, '"visit":' .. record.visit) end
    if device then peer = with(peer, '"device_check":' .. device) end
    if record.answers then peer = with(peer, '"answers":' .. record.answers) end
    if record.sender then peer = with(peer, '"transfer":' .. cjson.encode({from = record.sender, note = record.note or ''})) end
  end
  return with(frame('queue:ready', {polite = for_customer, media = record.media, since = now, gen = gen}), '"peer":' .. peer)
end

-- Where the next frame of a party will stand: "<epoch>/<seq>", by which `check` knows whether it was ever put there. And what
-- `store` has to know of the mailbox.
local function next_mail(party)
  local known = redis.call('HMGET', K['box'], party .. ':epoch', party .. ':floor', party .. ':seq')
  return (known[1] or '0') .. '/' .. int((tonumber(known[3]) or 0) + 1), known
end

-- Up to where a party's page has to have read to know of its call: epoch and number. Nil where the whole state told it.
local function ready_mark(record, party)
  local mark = record.ready and record.ready[side(party)]
  if not mark then return nil end
  local epoch, seq = string.match(mark, '^(%d+)/(%d+)$')
  return epoch, tonumber(seq)
end

-- How the wait compares with what the customer was told at the join: {outcome, of: where the customer waited, line: of
-- `promises`}. Nil where nothing was told, nobody had to wait, or this was judged before.
local function judge_promise(record, waited)
  local told, expected = record.promised, record.expected
  record.expected = nil
  if not told or not expected or record.given_back or waited < 1000 then return nil end
  local outcome = waited < told.low_s * 1000 and 'earlier' or waited > told.high_s * 1000 and 'later' or 'within'
  return {outcome = outcome,
    of = record.line or '', line = string.format('%.0f %s %.0f %.0f %.0f', now, expected, told.low_s, told.high_s, waited / 1000)
      .. (record.line and ' ' .. record.line or '')}
end

-- Promises of a line are kept some time apart: what came of the ones in between is much the same.
local function keep_promise(cfg, judged)
  count('promise:' .. judged.outcome)
  for _, kept in ipairs(redis.call('LRANGE', K['promises'], '0', LINES_MAX)) do
    local at, of = string.match(kept, '^(%d+)' .. string.rep(' %S+', 6) .. ' ?(%S*)$')
    at = tonumber(at) or 0
    if now >= at + cfg.promises.every then break end
    if now >= at and of == judged.of then return end
  end
  redis.call('LPUSH', K['promises'], judged.line)
  redis.call('LTRIM', K['promises'], '0', cfg.promises.keep - 1)
end

local function keep_wrap_up(ms)
  redis.call('LPUSH', K['wraps'], int(math.max(0, ms) / 1000))
  redis.call('LTRIM', K['wraps'], '0', KEEP_SAMPLES - 1)
end

-- Nothing when there is none. `free`: its operator takes customers again, so this is how long a wrap-up takes.
local function end_wrap_up(op, free)
  if redis.call('ZREM', K['wrapup'], op) == 0 then return end
  local since = tonumber(redis.call('HGET', K['operator'], op .. ':wraps'))
  redis.call('HDEL', K['operator'], op .. ':wraps')
  if free and since then keep_wrap_up(now - since) end
end

-- All texts of a claim; nothing is written yet. Nil when the customer's record cannot be read.
--
-- how  {skipped: who was away, kept: who was held for others: lists of those before; over: lines in which some were passed by
--      priority; jumped: places in its line, out of turn; chosen: the operator took this customer by name; passed_on: by a
--      colleague, or back from one}
local function plan_claim(op, cid, how)
  local record = get(cid)
  -- A process of the release before has taken it already.
  if not record or record.status ~= 'waiting' then return nil end
  local waited, held, callback = math.max(0, now - record.joined_at), record.held, record.callback
  local judged = judge_promise(record, waited)
  local device = redis.call('HGET', K['device'], cid)
  record.status, record.operator, record.claimed_at, record.chosen, record.held, record.callback = 'active', op, now, how.chosen, nil, nil
  -- Who had another operator before goes on above what was said with that one; and where there is a chat already, only the
  -- whole state tells of it.
  local gen = record.given_back and tonumber(redis.call('HGET', K['gen'], cid)) or nil
  local chatted = record.given_back and redis.call('HEXISTS', K['chat'], cid .. ':n') == 1
  local mark_c, box_c = next_mail(customer(cid))
  local mark_o, box_o
  if not chatted then mark_o, box_o = next_mail(operator(op)) end
  record.ready = {c = mark_c, o = mark_o}
  local entry = cjson.encode({
    operator = op, waited_ms = waited, jumped = how.jumped, passed_on = how.passed_on, urgent = how.over and record.priority,
    over = how.over, chosen = how.chosen, callback = callback and true or nil,
    skipped = how.skipped and #how.skipped > 0 and how.skipped or nil, kept = how.kept and #how.kept > 0 and how.kept or nil,
  })
  return {
    op = op, cid = cid, over = how.over, waited = waited, trace = record.trace, chatted = chatted, box_c = box_c, box_o = box_o,
    waits = {id = cid, ticket = record.ticket, line = record.line, priority = record.priority},
    judged = judged, held = held, another = record.before ~= op and record.before or nil, places = record.places, record = cjson.encode(record),
    for_customer = ready_frame(record, op, true, gen), for_operator = ready_frame(record, op, false, gen, device),
    entry = device and with(entry, '"device_check":' .. device) or entry, callback = callback, skipped = how.skipped or {},
  }
end

-- Each operator's page counts its frames by itself, so what another one sent stands under that one's name.
local function keep_sent_of(cid, op)
  local ranges, left = numbers_of(cid, 'o'), redis.call('HGET', K['box'], cid .. ':left') or '\n'
  if ranges == '' then return end
  if not string.find(left, '\n' .. op .. '\n', 1, true) then left = left .. op .. '\n' end
  redis.call('HDEL', K['box'], cid .. '/o')
  redis.call('HSET', K['box'], cid .. '/o:' .. op .. '|', ranges, cid .. ':left', left)
end

-- It has the conversation again.
local function bring_sent_of(cid, op)
  local ranges = numbers_of(cid, 'o:' .. op .. '|')
  if ranges == '' then return end
  redis.call('HDEL', K['box'], cid .. '/o:' .. op .. '|')
  redis.call('HSET', K['box'], cid .. '/o', ranges)
end

local function claim(cfg, plan)
  local op, cid = plan.op, plan.cid
  dequeue_known(plan.waits)
  withdraw(op)
  end_wrap_up(op, true)
  redis.call('HSET', K['active'], cid, op)
  redis.call('HSET', K['serving'], op, cid)
  if plan.held then redis.call('ZREM', K['hold'], cid .. '/' .. plan.held) end
  give_places(cid, plan.places)
  drop_callback(cid, plan.callback)
  for _, line in ipairs(plan.over or {}) do note_passed(line, plan.waits.ticket) end
  save(cid, plan.record)
  if plan.another then
    keep_sent_of(cid, plan.another)
    bring_sent_of(cid, op)
  end
  redis.call('HDEL', K['operator'], op .. ':rings', op .. ':break', op .. ':settled')
  if cfg.answer > 0 then redis.call('ZADD', K['answer'], int(now + cfg.answer), cid) end
  if not redis.call('HGET', K['conn'], customer(cid)) then
    redis.call('ZADD', K['grace'], int(now + grace_ms(cfg, cid, true)), customer(cid))
  end
  put(customer(cid), cid, 'r', plan.for_customer, plan.box_c)
  if plan.chatted then
    drop_box(operator(op))
    tell_resync(operator(op), cid)
  else
    put(operator(op), cid, 'r', plan.for_operator, plan.box_o)
  end
  count('claimed')
  observe('wait', plan.waited)
  if plan.judged then keep_promise(cfg, plan.judged) end
  journal('claimed', cid, plan.trace, plan.entry)
  for _, passed in ipairs(plan.skipped) do turn_came(cfg, passed) end
  notify()
end

-- A Redis that was emptied under open connections: their boot did not see it. Answers until when claims wait, so that returning
-- tokens can take their old places first (ms).
local function notice_wipe(cfg)
  local known = redis.call('HMGET', K['meta'], 'generation', 'recover_until')
  if known[1] then return tonumber(known[2]) or 0 end
  detect_restart(now, cfg.recovery, math.max(cfg.queue_grace, cfg.queue_grace_mobile, cfg.call_grace), cfg.lease)
  return meta('recover_until')
end

-- One that cannot be claimed must not keep the others from it, nor undo what this script has done before.
local function try_claim(cfg, op, cid, how)
  local planned, plan = pcall(plan_claim, op, cid, how)
  if planned and plan then
    claim(cfg, plan)
    return true
  end
  fault('claim', plan)
  return false
end
