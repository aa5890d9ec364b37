-- Ends a conversation: the customer leaves, either side hangs up, or ops remove it.
-- include: lib/rules
--
-- ARGV    cfg JSON, party ('' = ops), conn, conversation ('' = the operator's current one), reason, by (customer | operator | ops), id ('' = taken once)
-- reply   the status before: waiting | active, or ended when there was nothing to end
-- errors  replaced, lapsed; not_in_call; wrong_conversation
local cfg, party, conn, cid = cjson.decode(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]
if cid == '' then cid = redis.call('HGET', K['serving'], id_of(party)) or '' end
if party ~= '' then
  if not speaks(party, conn) then return unheard(party) end
  if side(party) == 'c' and cid ~= id_of(party) then return fail('wrong_conversation') end
  if side(party) == 'o' and redis.call('HGET', K['serving'], id_of(party)) ~= cid then
    local record = get(cid)
    if record and record.status == 'ended' and record.operator == id_of(party) then return 'ended' end
    return fail(cid == '' and 'not_in_call' or 'wrong_conversation')
  end
end
-- Only now: an id is the sender's own only in the sender's own conversation.
if ARGV[7] ~= '' and is_sent(cid, side(party), ARGV[7]) then return 'ended' end
local op = redis.call('HGET', K['active'], cid)
local was = finish(cfg, cid, ARGV[5], ARGV[6])
if ARGV[7] ~= '' then note_sent(cid, side(party), ARGV[7]) end
match(cfg, {operator = op or ''})
return was or 'ended'
