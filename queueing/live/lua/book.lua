-- The time that a customer has chosen has come: from now on they wait, away from the page, before all who came without one,
-- and are called. The clock is Redis' own: whoever asks too early is refused.
-- include: lib/rules
--
-- ARGV    cfg JSON, record JSON as join.lua takes it {…, booked: the chosen time (ms)}, callback JSON {channel, who}, how they
--         are reached (JSON, for the journal alone)
-- reply   the ticket, also of who waits so already; '' where the conversation has gone on or is over
-- errors  early; callbacks_full: too many are away already; recovering: after a wipe, those who wait are still coming back
local cfg, record, callback = cjson.decode(ARGV[1]), cjson.decode(ARGV[2]), cjson.decode(ARGV[3])
local cid, line = record.id, record.line or ''

local known = get(cid)
if known then return known.status == 'waiting' and known.ticket or '' end
notice_wipe(cfg)
if now < record.booked then return fail('early') end
-- Before whom they stand is known once those are back.
if now < meta('recover_until') then return fail('recovering') end
if redis.call('ZCARD', K['callback']) >= AWAY_MAX then return fail('callbacks_full') end

-- They stand together at the head: first whom a lost call, or an operator who did not answer, brought back; then those with a
-- time, in the order of their times. Of a token that came late after a wipe nothing of this is known; it stands where it did.
local waiting, brought_back, booked, others = redis.call('ZRANGE', K['line'], 0, AWAY_MAX, 'WITHSCORES'), 0, nil, nil
for index = 1, #waiting, 2 do
  local one, at = get(waiting[index]) or {}, tonumber(waiting[index + 1])
  if one.booked then
    booked = at
  elseif not others then
    if one.returns or one.given_back then brought_back = at else others = at end
  end
end
local ticket = int(math.max(brought_back + 1, booked and booked + 1 or (others or tonumber(now_us)) - HEAD_ROOM_US))

record.status, record.ticket, record.joined_at, record.waiting_since = 'waiting', ticket, now, now
callback.at, callback.calls = now, 0
record.callback = callback
local behind = length_of(line) - before_in(line, ticket, cid)
local stored = cjson.encode(record)
local entry = cjson.encode({
  name = record.name, topic = record.topic, locale = record.locale, media = record.media, ticket = ticket,
  position = before_in(line, ticket, cid) + 1, waiting = length_of(line) + 1, site = record.site, line = record.line,
  priority = record.priority, booked = record.booked, behind = behind,
})
save(cid, stored)
enqueue(record)
keep_callback(cid, callback, 0)
count('joined')
count('callbacks:asked')
journal('joined', cid, record.trace, entry)
journal('callback:asked', cid, record.trace, ARGV[4])
call_back(cid, record, CALLED)
return ticket
