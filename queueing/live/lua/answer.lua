-- The operator's page says that a fresh match rings on its screen, or that somebody sits there who has answered.
-- include: lib/rules
--
-- ARGV    cfg JSON, operator, conn, conversation ('' = the current one), ringing | answered
-- reply   1 when that changed something; 0 when it was known, or is about a match that is none (any more)
-- errors  replaced, lapsed
local cfg, op, cid = cjson.decode(ARGV[1]), ARGV[2], ARGV[4]
if not speaks(operator(op), ARGV[3]) then return unheard(operator(op)) end
local current = redis.call('HGET', K['serving'], op)
if cid == '' then cid = current or '' end
if cid ~= current or not redis.call('ZSCORE', K['answer'], cid) then return 0 end
local record = get(cid)
-- Who took this customer by name is there.
if ARGV[5] == 'answered' or cfg.answer_act == 0 or not record or record.chosen then return redis.call('ZREM', K['answer'], cid) end
if redis.call('HGET', K['operator'], op .. ':rings') == cid then return 0 end
redis.call('HSET', K['operator'], op .. ':rings', cid)
redis.call('ZADD', K['answer'], int(record.claimed_at + cfg.answer_act), cid)
return 1
