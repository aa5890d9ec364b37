-- A supervisor steps in: passes a conversation on, ends it, takes it, or sends an operator on a break. The page names what it
-- showed; of two who step in at once, or of a supervisor and a customer who leaves, one is first and the other reads so.
-- include: lib/passing_on
--
-- ARGV    cfg JSON, act: transfer | end | take | break, supervisor, conversation ('' of a break), the operator who has it or is to
--         go ('' of one that waits), colleague ('' = whoever is free), note, the supervisor's name,
--         JSON of the line that it is passed on to, as transfer has it ('' = the same)
-- reply   claimed | reserved: for the colleague | waiting: for anybody else | ended | break
-- errors  moved: it is over, waits again, or is with another operator by now; off_shift: the operator takes no customers anyway;
--         busy, offline, recovering: of the supervisor who takes it; transfer_off, transfer_self, transfer_offline, transfer_taken,
--         line_offline
local cfg, act, by, cid, op, to, note = cjson.decode(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local moved = act == 'transfer' and ARGV[9] ~= '' and cjson.decode(ARGV[9]) or nil
notice_wipe(cfg)

local function stepped_in(record)
  journal('supervised', record.id, record.trace, cjson.encode({
    act = act, by = by, name = ARGV[8], operator = op ~= '' and op or nil, to = to ~= '' and name_of(to) or nil, line = moved and (moved.line_name or '') or nil,
  }))
end

if act == 'break' then
  if not wants(op) then return fail('off_shift') end
  local serving = redis.call('HGET', K['serving'], op)
  local record = serving and get(serving)
  redis.call('HSET', K['operator'], op .. ':wants', 0, op .. ':break', 'supervisor')
  withdraw(op)
  end_wrap_up(op, false)
  end_holds_for(op)
  if record then stepped_in(record) end
  tell_operator_state(op)
  notify()
  return 'break'
end

local record = get(cid)
local waits = op == '' and record and record.status == 'waiting' and redis.call('ZRANK', K['line'], cid)
local talks = op ~= '' and record and record.status == 'active' and redis.call('HGET', K['active'], cid) == op
if not waits and not talks then return fail('moved') end

if act == 'end' then
  stepped_in(record)
  finish(cfg, cid, 'removed', 'ops')
  match(cfg)
  return 'ended'
end
if waits then return fail('moved') end

if act == 'take' then
  if by == op then return fail('transfer_self') end
  if now < meta('recover_until') then return fail('recovering') end
  if redis.call('HEXISTS', K['serving'], by) == 1 then return fail('busy') end
  if not connected(operator(by)) then return fail('offline') end
  to = by
else
  local why_not = not_passable(cfg, op, to, moved)
  if why_not then return fail(why_not) end
end
stepped_in(record)
pass_on(cfg, record, {by = 'ops', sender = act == 'take' and name_of(op) or ARGV[8], note = note, to = to, moved = moved})
if act == 'take' then
  -- Whoever takes a customer by name is on shift; held for that one, it is nobody else's whatever comes between.
  redis.call('HSET', K['operator'], by .. ':wants', 1)
  if not try_claim(cfg, by, cid, {passed_on = true, chosen = true}) then become_available(by) end
end
match(cfg)
return passed_to(cid, to)
