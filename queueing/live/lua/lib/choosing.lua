-- Who comes next: which of the free operators for a line, and which of those who wait for an operator.
-- include: lib/state lib/lines lib/callbacks
-- keys: hold
--
-- hold  zset  "<conversation>/<operator>": it waits for that operator alone; "<conversation>/|<operator>": for anybody else;
--             by until when (ms)
local SCAN_MAX = 1000
local HOLDS_MAX = 500

-- At which level an operator serves a line; nil where it does not.
local function level_for(op, line)
  for _, one in ipairs(served_by(op)) do
    if one.line == line then return one.level end
  end
end

-- Whoever is free for a line: of the best level the one who has been idle longest, and only with a live socket. Of `view`
-- {passed: are left out, there: are known to have one}, both {operator: true}; own: one who is free and stands in no list yet, so
-- idle for shorter than all others of its level. Mostly it is the first, so that one is read alone.
local function next_operator(line, view)
  local from, to = of_line(line)
  local own = view.own and not view.passed[view.own] and level_for(view.own, line)
  for _, most in ipairs({'1', '100'}) do
    local found = redis.call('ZRANGEBYLEX', K['free'], from, to, 'LIMIT', '0', most)
    for _, member in ipairs(found) do
      local op = string.match(member, '^[^/]*/[^/]*/[^/]*/(.*)$')
      if not view.there[op] and not connected(operator(op)) then
        withdraw(op)
      elseif not view.passed[op] then
        view.there[op] = true
        return own and own < string.match(member, '^[^/]*/([^/]*)') and view.own or op
      end
    end
    if #found < tonumber(most) then break end
  end
  return own and view.own
end

-- Who waits for whom: a list of {conversation, operator, others: it is for anybody but that one}, the oldest hold first.
local function holds()
  local found = {}
  for _, member in ipairs(redis.call('ZRANGE', K['hold'], '0', HOLDS_MAX - 1)) do
    local cid, but, op = string.match(member, '^([^/]+)/(|?)(.*)$')
    found[#found + 1] = {conversation = cid, operator = op, others = but == '|'}
  end
  return found
end

-- Who is held for others than this operator: {conversation: true}.
local function kept_from(op, held)
  local kept = {}
  for _, hold in ipairs(held) do
    if hold.others == (hold.operator == op) then kept[hold.conversation] = true end
  end
  return kept
end

-- There, or was a moment ago. Who left to be called is there with a socket alone.
local function is_here(cid, grace_of)
  if is_away(cid) then return false end
  local deadline = tonumber(redis.call('ZSCORE', K['grace'], customer(cid)))
  return not deadline or deadline - grace_of(cid) + BLINK_MS > now
end

-- Those of a line in the key `name` (members "<line>/…/<ticket>/<conversation>") in their order, each {cid, line, ticket,
-- urgency}; nil after the last. Mostly it is the first that is taken, so that one is read alone.
local function in_order(name, line)
  local from, to = of_line(line)
  local batch, index, start, behind = {}, 0, 0, #line + 2
  return function()
    index = index + 1
    if not batch[index] then
      if start >= SCAN_MAX then return nil end
      batch, index = redis.call('ZRANGEBYLEX', name, from, to, 'LIMIT', start == 0 and '0' or start, start == 0 and '1' or '50'), 1
      start = start + #batch
    end
    local member = batch[index]
    if not member then return nil end
    local ticket, cid = string.match(member, '(%d+)/([^/]*)$', behind)
    return {cid = cid, line = line, ticket = ticket, urgency = string.match(member, '^(%d)/', behind)}
  end
end

-- Whether this one can be taken. The absent keep their tickets, and so do those who are `held` for somebody else;
-- `unclaimable` are passed over; both are {conversation: true}. Whom it passes over, and why, is kept in `view`.
local function can_be_taken(one, view, held)
  local here = is_here(one.cid, view.grace_of)
  if here and not view.unclaimable[one.cid] and not held[one.cid] then return true end
  local why = not here and view.skipped or held[one.cid] and view.kept
  if why and #why < 20 then why[#why + 1] = one end
  return false
end

-- Whoever has waited longest over these lines, of those who can be taken; and each line: {at: the first that may be, next}.
local function longest_waiting(served, view, held)
  local heads = {}
  for number, one in ipairs(served) do
    local next_one = in_order(K['lines'], one.line)
    heads[number] = {next = next_one, at = next_one()}
  end
  while true do
    local oldest
    for _, head in ipairs(heads) do
      if head.at and (not oldest or head.at.ticket < oldest.at.ticket) then oldest = head end
    end
    if not oldest then return nil end
    if can_be_taken(oldest.at, view, held) then return oldest.at, heads end
    oldest.at = oldest.next()
  end
end

-- Of those who were passed over the ones before a ticket, in their order.
local function ahead_of(ticket, found)
  local ids = {}
  table.sort(found, function(one, other) return one.ticket < other.ticket end)
  for _, one in ipairs(found) do
    if one.ticket < ticket then ids[#ids + 1] = one.cid end
  end
  return ids
end

-- The one with the highest priority, unless somebody would be passed for it who has been passed as often as may be. Answers
-- also the lines in which somebody is passed; `heads` as above.
local function most_urgent(cfg, served, heads, view, held)
  if redis.call('EXISTS', K['urgent']) == 0 then return nil end
  local best, seen = nil, setmetatable({skipped = {}, kept = {}}, {__index = view})
  for _, one in ipairs(served) do
    local next_one = in_order(K['urgent'], one.line)
    local found = next_one()
    while found and not can_be_taken(found, seen, held) do found = next_one() end
    if found and (not best or found.urgency .. found.ticket < best.urgency .. best.ticket) then best = found end
  end
  local over = {}
  for _, head in ipairs(best and heads or {}) do
    while head.at and head.at.ticket < best.ticket and not can_be_taken(head.at, view, held) do head.at = head.next() end
    if head.at and head.at.ticket < best.ticket then
      if times_passed(head.at.line, head.at.ticket) >= cfg.passed_most then return nil end
      over[#over + 1] = head.at.line
    end
  end
  return best, over
end

-- Whom an operator takes next: by priority, else whoever has waited longest over all the lines that it serves.
local function next_customer(cfg, op, view)
  local served, held = served_by(op), kept_from(op, view.held)
  view.skipped, view.kept = {}, {}
  local first, heads = longest_waiting(served, view, held)
  if not first then return nil end
  local urgent, over = most_urgent(cfg, served, heads, view, held)
  local taken = urgent or first
  taken.over = urgent and #over > 0 and over or nil
  taken.skipped, taken.kept = ahead_of(taken.ticket, view.skipped), ahead_of(taken.ticket, view.kept)
  return taken
end
