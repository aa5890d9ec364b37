-- An un-numbered frame for the other party: newest wins, nothing is kept. Silently nothing without a peer.
-- include: infra/mailbox
-- keys: active serving
--
-- ARGV    party, conn, conversation ('' = the current one), frame
-- reply   1 sent, 0 nobody to send to
-- errors  replaced, lapsed; wrong_conversation: not the operator's current one
local party, conn, cid = ARGV[1], ARGV[2], ARGV[3]
if not speaks(party, conn) then return unheard(party) end
local peer
if string.sub(party, 1, 1) == 'c' then
  cid = string.sub(party, 3)
  local op = redis.call('HGET', K['active'], cid)
  peer = op and 'o:' .. op
else
  local current = redis.call('HGET', K['serving'], string.sub(party, 3))
  if cid == '' then cid = current or '' end
  if cid ~= (current or '') then return fail('wrong_conversation') end
  peer = current and 'c:' .. cid
end
if not peer then return 0 end
publish(peer, 0, 0, cid, 'o', ARGV[4])
return 1
