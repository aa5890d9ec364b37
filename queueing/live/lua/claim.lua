-- An operator takes one waiting customer by name, out of turn. Of two who do, one wins; the journal keeps the jump.
-- include: lib/claiming
--
-- ARGV    cfg JSON, operator, conversation
-- reply   conversation; also when the operator has it already, so that a repeated press is the same press
-- errors  taken: it waits no longer; busy: the operator is in a call; offline: the operator has no socket;
--         away: it has left to be called when it is its turn; recovering: Redis was wiped, old places and calls are still coming back
local cfg, op, cid = cjson.decode(ARGV[1]), ARGV[2], ARGV[3]
notice_wipe(cfg)
if redis.call('HGET', K['active'], cid) == op then return cid end
if now < meta('recover_until') then return fail('recovering') end
local rank = rank_of(cid)
if not rank then return fail('taken') end
if is_away(cid) then return fail('away') end
if redis.call('HEXISTS', K['serving'], op) == 1 then return fail('busy') end
if not connected(operator(op)) then return fail('offline') end
local plan = plan_claim(op, cid, {jumped = rank > 0 and rank or nil, chosen = true})
if not plan then return fail('taken') end
redis.call('HSET', K['operator'], op .. ':wants', 1)
claim(cfg, plan)
return cid
