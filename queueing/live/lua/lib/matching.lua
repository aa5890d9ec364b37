-- Whoever waits and whoever is free find each other, and an operator becomes free. Of the latter whoever asks for it tells the others.
-- include: lib/choosing lib/claiming
local MATCHES_MAX, PAIRING_MAX = 100, 10

-- An operator who is free for the line, and whom it takes. Where that one's line has somebody of a better level, or idle for
-- longer, the customer is theirs; and they may have to take one first who has waited longer in another of their lines. So
-- each turn leads to an older ticket or a better level; the bound is for priorities, which may lead back.
local function pair(cfg, op, view)
  local found = next_customer(cfg, op, view)
  for _ = 1, PAIRING_MAX do
    local best = found and next_operator(found.line, view)
    if not best or best == op then break end
    local theirs = next_customer(cfg, best, view)
    if theirs then op, found = best, theirs else view.passed[best] = true end
  end
  return op, found
end

-- `changed`: {line}: somebody has come there, or is back; {operator}: that one may have become free, `comes`: has, and stands in no
-- list yet, which is spared where somebody waits; without it all lines are looked at.
local function match(cfg, changed)
  local recover_until = notice_wipe(cfg)
  if now < recover_until then return 0 end
  local matched, held = 0, holds()
  local function grace_of(id) return grace_ms(cfg, id, false) end
  local own = changed and changed.operator
  local view = {unclaimable = {}, passed = {}, there = {}, held = held, grace_of = grace_of, own = changed and changed.comes and own}
  for _, hold in ipairs(held) do
    local cid, op = hold.conversation, hold.operator
    local free = not hold.others and (op == view.own or redis.call('ZSCORE', K['available'], op)) and connected(operator(op))
    if free and redis.call('ZSCORE', K['line'], cid) and is_here(cid, grace_of) then
      if try_claim(cfg, op, cid, {passed_on = true}) then
        matched = matched + 1
        if op == view.own then view.own = nil end
      end
    end
  end
  -- The operator to whom it led, and whether that one has taken somebody: nil where nobody could be taken.
  local function step(free)
    local op, found = pair(cfg, free, view)
    if not found then return nil end
    local done = try_claim(cfg, op, found.cid, found)
    if done then matched = matched + 1 else view.unclaimable[found.cid] = true end
    return op, done
  end
  if own then
    -- Whoever else is free could not take anybody before either.
    if not view.own and not redis.call('ZSCORE', K['available'], own) then return matched end
    view.there[own] = true
    for _ = 1, MATCHES_MAX do
      local op, done = step(own)
      if not op or done and op == own then break end
    end
    return matched
  end
  for _, line in ipairs(changed and {changed.line} or lines_to_match()) do
    for _ = 1, MATCHES_MAX do
      local free = next_operator(line, view)
      if not free then break end
      if not step(free) then
        if #held == 0 then break end
        view.passed[free] = true -- another one may take whom this one may not
      end
    end
  end
  return matched
end

-- Whether anybody but this operator takes customers of the line now: free, in a call or in the wrap-up after one.
local function is_served(line, but)
  local desks = redis.call('HGETALL', K['operator'])
  for index = 1, #desks, 2 do
    local op = desks[index + 1] == '1' and string.match(desks[index], '^(.*):wants$')
    if op and op ~= but and connected(operator(op)) then
      for _, one in ipairs(served_by(op)) do
        if one.line == line then return true end
      end
    end
  end
  return false
end

-- Whether it can take somebody; its wrap-up is over either way.
local function becomes_free(op)
  local free = redis.call('HEXISTS', K['serving'], op) == 0 and connected(operator(op))
  end_wrap_up(op, free)
  return free
end

local function become_available(op)
  local free = becomes_free(op)
  if free then offer(op, now_us) end
  return free
end

-- Whoever waits for this operator alone does so no longer: the next tick lets others take them.
local function end_holds_for(op)
  for _, hold in ipairs(holds()) do
    if hold.operator == op and not hold.others then redis.call('ZADD', K['hold'], '0', hold.conversation .. '/' .. op) end
  end
end
