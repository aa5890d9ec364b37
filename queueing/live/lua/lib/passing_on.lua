-- A running conversation goes on with somebody else: with a colleague, at once or when the present call of that one is over,
-- or with whoever is free next.
-- include: lib/handing_back
--
-- Why the conversation of this operator cannot go to `to` ('' = whoever is free), or into another line (`moved`: what its record
-- has of it, see lines), or nil.
local function not_passable(cfg, op, to, moved)
  if cfg.transfer_hold == 0 then return 'transfer_off' end
  if to == op then return 'transfer_self' end
  if moved and not is_served(moved.line or '', op) then return 'line_offline' end
  if to == '' then return nil end
  if not wants(to) or not connected(operator(to)) then return 'transfer_offline' end
  for _, hold in ipairs(holds()) do
    if hold.operator == to and not hold.others then return 'transfer_taken' end
  end
end

local function name_of(op) return redis.call('HGET', K['operator'], op .. ':name') or op end

-- how  {by: operator | ops, sender: a name, note: '' without one, to: '' = whoever is free, moved: as above}
local function pass_on(cfg, record, how)
  local op, to, moved = record.operator, how.to, how.moved
  if moved then record.line, record.line_name, record.wrap_up = moved.line, moved.line_name, moved.wrap_up end
  hand_back(cfg, record, {
    reason = 'transferred', by = how.by, kind = 'transferred', sender = how.sender, note = how.note ~= '' and how.note or nil,
    to = to ~= '' and name_of(to) or nil, held = to ~= '' and to or '|' .. op, until_ms = now + cfg.transfer_hold,
    line = moved and (moved.line or '') or nil,
  })
  -- What came of it is for the last operator to say.
  redis.call('HSET', K['operator'], op .. ':settled', record.id)
  free_operator(cfg, op)
  tell_operator_state(op)
  count('transferred')
end

-- What has become of it: claimed | reserved: for the colleague | waiting: for anybody else
local function passed_to(cid, to)
  if redis.call('HGET', K['active'], cid) then return 'claimed' end
  return to ~= '' and 'reserved' or 'waiting'
end
