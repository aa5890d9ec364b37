-- An operator passes its conversation on: to a colleague, who gets it at once or when the present call is over, or to whoever is
-- free next, in another line or in the same. When nobody has taken it after a while, it goes back to the sender if that one is
-- free, else to anybody.
-- include: lib/passing_on
--
-- ARGV    cfg JSON, operator, conn, conversation ('' = the current one), id, colleague ('' = whoever is free), note,
--         JSON of the line that it goes to ({line, line_name, wrap_up}, empty for the default one), '' = the same
-- reply   claimed | reserved: for the colleague | waiting: for anybody else | known: done before
-- errors  replaced, lapsed; not_in_call, wrong_conversation; transfer_off; transfer_self; transfer_offline: the colleague takes
--         no customers now; line_offline: nobody else of the line does; transfer_taken: somebody waits for that colleague already
local cfg, op, conn, cid, to = cjson.decode(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[6]
local party = operator(op)
if not speaks(party, conn) then return unheard(party) end
local current = redis.call('HGET', K['serving'], op)
if cid == '' then cid = current or '' end
if is_sent(cid, 'o', ARGV[5]) or is_sent(cid, 'o:' .. op .. '|', ARGV[5]) then return 'known' end
if cid == '' or not current then return fail('not_in_call') end
if cid ~= current then return fail('wrong_conversation') end
local moved = ARGV[8] ~= '' and cjson.decode(ARGV[8])
local why_not = not_passable(cfg, op, to, moved)
if why_not then return fail(why_not) end
local record = get(cid)
if not record or record.status ~= 'active' then return fail('not_in_call') end

pass_on(cfg, record, {by = 'operator', sender = name_of(op), note = ARGV[7], to = to, moved = moved})
note_sent(cid, 'o', ARGV[5])
match(cfg)
return passed_to(cid, to)
