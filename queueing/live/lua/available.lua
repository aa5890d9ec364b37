-- An operator goes on shift (which ends a wrap-up at once) or on a break (which never ends a running call).
-- include: lib/matching
--
-- ARGV    cfg JSON, operator, conn, 1 | 0
-- reply   {available 1|0, 0: no wrap-up, conversation or '', '': no break unasked}
-- errors  replaced, lapsed
local cfg, op = cjson.decode(ARGV[1]), ARGV[2]
if not speaks(operator(op), ARGV[3]) then return unheard(operator(op)) end
redis.call('HSET', K['operator'], op .. ':wants', ARGV[4])
redis.call('HDEL', K['operator'], op .. ':break')
if ARGV[4] == '1' then
  local comes = becomes_free(op)
  local done, why = pcall(match, cfg, {operator = op, comes = comes})
  if not done then fault('match', why) end
  if comes and redis.call('HEXISTS', K['serving'], op) == 0 then offer(op, now_us) end
else
  withdraw(op)
  end_wrap_up(op, false)
  end_holds_for(op)
end
notify()
-- A wrap-up is over either way.
local cid = redis.call('HGET', K['serving'], op)
return {not cid and redis.call('ZSCORE', K['available'], op) and 1 or 0, 0, cid or '', ''}
