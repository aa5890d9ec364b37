-- A chat becomes a call: one side invites, the other accepts or declines; who has invited takes it back by declining. Both
-- hear of each step through their mailboxes. Who invites while the other's invitation is open accepts it.
-- include: lib/state lib/sent
--
-- ARGV    party, conn, conversation ('' = the current one), id, step (invite | accept | decline),
--         of an invitation: its media (audio | video), else ''; of an answer: the invitation's number, else '';
--         1 | 0: may chats become calls here
-- reply   1 done, 0 done before
-- errors  replaced, lapsed; not_in_call; wrong_conversation; calls_off; call_running: it is a call already;
--         invitation_over: not open (any more), or one's own; invited_lately: it was declined a moment ago;
--         invited_often
local INVITATIONS_MAX, PAUSE_MS = 10, 20000
local party, conn, cid, step = ARGV[1], ARGV[2], ARGV[3], ARGV[5]
if not speaks(party, conn) then return unheard(party) end
local own, me = side(party), from_of(party)
local current = own == 'c' and id_of(party) or redis.call('HGET', K['serving'], id_of(party)) or ''
if cid == '' then cid = current end
if cid ~= current then return fail('wrong_conversation') end
if is_sent(cid, own, ARGV[4]) then return 0 end
local op, record = redis.call('HGET', K['active'], cid), get(cid)
if not op or not record then return fail('not_in_call') end
local open = record.invitation

-- Texts first: nothing is written when one of them cannot be made.
local function done(kind, letter, entry, for_customer, for_operator)
  local stored, text, trace = cjson.encode(record), cjson.encode(entry), record.trace
  save(cid, stored)
  note_sent(cid, own, ARGV[4])
  put(customer(cid), cid, letter, for_customer)
  put(operator(op), cid, letter, for_operator)
  journal(kind, cid, trace, text)
  return 1
end

local function accept(media)
  -- Who had another operator before goes on above what was said with that one.
  local gen = tonumber(redis.call('HGET', K['gen'], cid))
  local told = {invitation = open.number, media = media, by = me, polite = true, gen = gen}
  local for_customer = frame('call:accept', told)
  told.polite = false
  record.media, record.invitation, record.called_at = media, nil, now
  done('call:accept', 'r', {media = media, from = me}, for_customer, frame('call:accept', told))
  count('called')
  notify()
  return 1
end

local function invite(media)
  if record.media ~= 'chat' then return fail('call_running') end
  if open and open.by ~= me then return accept(media == 'video' and open.media or media) end
  if open and open.media == media then return 0 end
  local tally = record.invited or {}
  local mine = tally[me] or {}
  if mine.declined_at and now - mine.declined_at < PAUSE_MS then return fail('invited_lately') end
  if (mine.times or 0) >= INVITATIONS_MAX then return fail('invited_often') end
  mine.times = (mine.times or 0) + 1
  tally[me] = mine
  local number = (record.invitations or 0) + 1
  record.invited, record.invitations = tally, number
  record.invitation = {number = number, media = media, by = me}
  local text = frame('call:invite', {invitation = number, media = media, by = me})
  return done('call:invite', 'o', {media = media, from = me}, text, text)
end

local function decline()
  local tally = record.invited or {}
  if open.by ~= me and tally[open.by] then tally[open.by].declined_at = now end
  record.invitation = nil
  local text = frame('call:decline', {invitation = open.number, by = me, own = open.by == me})
  return done('call:decline', 'o', {media = open.media, from = me, own = open.by == me}, text, text)
end

if step ~= 'decline' and ARGV[8] ~= '1' then return fail('calls_off') end
if step == 'invite' then return invite(ARGV[6]) end
if not open or open.number ~= tonumber(ARGV[7]) then return fail('invitation_over') end
if step == 'decline' then return decline() end
if open.by == me then return fail('invitation_over') end
return accept(open.media)
