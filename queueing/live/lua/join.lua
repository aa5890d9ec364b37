-- A customer enters the queue, or finds the conversation that the same join key has made before.
-- include: lib/rules
-- keys: blocked
--
-- ARGV    cfg JSON, conn, record JSON {id, name, locale, topic, attributes, answers and visit (JSON texts), media, join_key,
--         mobile, promised: {low_s, high_s}, expected: of the same wait "<low> <middle> <high>", site, site_name, line, line_name,
--         priority, wrap_up (ms; the last four of a line that is not the default one), returning_from: a conversation that the
--         network ended, address: a digest, places: what it counts for, see lib/places}, JSON list of the fields of `blocked`
--         that speak of this client, JSON list of the times at which its site takes customers: from, until, from, until … (ms),
--         or '' where it always does
-- reply   {existing, conversation, ticket, position (1 = next), waiting, attached (see lib/rules), record JSON}
-- errors  blocked; closed: outside those times; full; crowded: too many wait from the same part of the network; maintenance; disabled: there is no queue, and no operator is free
local RETURN_MS, RETURNS_MAX = 600000, 3
local cfg, conn, record = cjson.decode(ARGV[1]), ARGV[2], cjson.decode(ARGV[3])
local cid, line = record.id, record.line or ''
local lost = {}
for _, reason in ipairs(cfg.lost) do lost[reason] = true end

local known = record.join_key and redis.call('HGET', K['joinkey'], record.join_key)
local existing, stored = known and get(known), known and redis.call('HGET', K['conv'], known)
if existing and existing.status ~= 'ended' then
  cid, line = known, existing.line or ''
  take_over(cfg, customer(cid), conn)
  -- The first answer was lost, so nothing was ever acknowledged: everything in the mailbox is new to this page. A
  -- mailbox that was rebuilt since does not begin with the join; then the page needs the whole state.
  local rank = rank_of(cid)
  local answer = attached(customer(cid), existing.epoch or '', 0, cid)
  match(cfg, {line = line})
  return {1, cid, existing.ticket, (rank or 0) + 1, length_of(line), answer, stored}
end

-- Who lost a call to the network goes on at the head of the queue: once for each such call, soon, and not for ever.
local before = record.returning_from and get(record.returning_from)
local returns = before and (before.returns or 0) + 1
local returning = before and before.status == 'ended' and before.claimed_at and lost[before.reason] and not before.returned
  and now - before.ended_at <= RETURN_MS and returns <= RETURNS_MAX

local function refuse(code)
  count('refused:' .. code)
  return fail(code)
end
local marks = ARGV[4] and cjson.decode(ARGV[4]) or {}
for _, ends in ipairs(#marks > 0 and redis.call('HMGET', K['blocked'], unpack(marks)) or {}) do
  if ends and (ends == '0' or tonumber(ends) > now) then return refuse('blocked') end
end
if redis.call('HGET', K['meta'], 'maintenance') == '1' then return refuse('maintenance') end
-- Who lost a call to the network goes on with it, whatever the hour.
local takes = returning or (ARGV[5] or '') == ''
for index, moment in ipairs(takes and {} or cjson.decode(ARGV[5])) do
  if moment > now then takes = index % 2 == 0 break end
end
if not takes then return refuse('closed') end
if not cfg.queue and (length_of(line) > 0 or not next_operator(line, {passed = {}, there = {}})) then return refuse('disabled') end
local without = not returning and no_place(cfg, record.places)
if without then return refuse(without) end

-- Two joins within a microsecond keep the order in which Redis saw them.
local ticket = now_us
local last = tonumber(redis.call('HGET', K['meta'], 'last_ticket')) or 0
if tonumber(ticket) <= last then ticket = int(last + 1) end
local newest = ticket
local first = returning and redis.call('ZRANGE', K['line'], 0, 0, 'WITHSCORES')[2]
if first then ticket = int(math.min(tonumber(ticket), tonumber(first) - HEAD_ROOM_US)) end
if returning then before.returned, record.returns = cid, returns end

local epoch = int(next_epoch(customer(cid), now))
record.status, record.ticket, record.joined_at, record.epoch = 'waiting', ticket, now, epoch
local position, waiting = before_in(line, ticket, cid) + 1, length_of(line) + 1
stored = cjson.encode(record)
local stored_before = returning and cjson.encode(before)
local entry = cjson.encode({
  name = record.name, topic = record.topic, locale = record.locale, media = record.media, attributes = record.attributes,
  ticket = ticket, position = position, waiting = waiting, promised = record.promised, mobile = record.mobile,
  returning_from = returning and record.returning_from or nil, address = record.address,
  site = record.site, answers = record.answers, visit = record.visit, line = record.line, priority = record.priority,
})

redis.call('HSET', K['meta'], 'last_ticket', newest)
if stored_before then
  save(record.returning_from, stored_before)
  count('returned')
end
rebuild(customer(cid), now)
save(cid, stored)
if record.join_key then redis.call('HSET', K['joinkey'], record.join_key, cid) end
enqueue(record)
take_places(cid, record.places)
hold(customer(cid), conn)
count('joined')
journal('joined', cid, record.trace, entry)
notify()
local answer = attached(customer(cid), epoch, 0, cid)
match(cfg, {line = line})
return {0, cid, ticket, position, waiting, answer, stored}
