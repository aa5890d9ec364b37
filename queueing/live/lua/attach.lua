-- A socket takes over its party: fences the older one, ends the grace, replays or rebuilds the mailbox.
-- include: lib/rules
--
-- ARGV    cfg JSON, party, conn, epoch ('' = page without memory), last seq received (then -1), operator's name ('' for customers), the lines that it serves
-- reply   attached: {resumed, epoch, seq, last id, gen, conversation, {seq, stored, …}, snapshot}; see lib/rules
-- errors  unknown: no such conversation
local cfg, party, conn = cjson.decode(ARGV[1]), ARGV[2], ARGV[3]
local cid = id_of(party)
local changed
if side(party) == 'c' then
  if not get(cid) then return fail('unknown') end
  changed = {line = line_of(cid)}
else
  redis.call('HSET', K['operator'], cid .. ':name', ARGV[6])
  serve(cid, ARGV[7])
  changed = {operator = cid}
end
local back = take_over(cfg, party, conn)
if side(party) == 'o' then cid = redis.call('HGET', K['serving'], cid) end
local answer = attached(party, ARGV[4], tonumber(ARGV[5]), cid)
local record = cid and get(cid)
if record and record.status ~= 'ended' then
  -- A page without memory was loaded anew (or opened elsewhere, when the older socket had to go).
  local how = ARGV[4] == '' and (back.took and 'opened' or 'reload') or answer[1] == 1 and 'replay' or 'resync'
  tell_of('party:back', cid, string.format('{"from":"%s","how":"%s","away":%s,"moved":%s,"missed":%d}',
    from_of(party), how, tostring(back.away), tostring(back.moved), #answer[7] / 2))
end
match(cfg, changed)
return answer
