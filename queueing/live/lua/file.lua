-- What is known of a file of a conversation, from now on.
-- include: lib/state
--
-- ARGV    conversation, side of who shared it (c or o), file, what is known of it as JSON, tell ('1': it has changed, and both sides hear so)
-- reply   1 kept; 0 the conversation does not run any more (then only a change of a file that is known is kept), or is not known
-- errors  none
local cid, owner, file, info, told = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5] == '1'
local field, op = cid .. '/' .. owner .. '/' .. file, redis.call('HGET', K['active'], cid)
local known = redis.call('HEXISTS', K['file'], field) == 1
if not op then
  if told and known then redis.call('HSET', K['file'], field, info) end
  return 0
end
if not known then
  local all = redis.call('HGET', K['file'], cid .. ':all')
  redis.call('HSET', K['file'], cid .. ':all', (all and all .. ' ' or '') .. owner .. '/' .. file)
end
redis.call('HSET', K['file'], field, info)
if told then
  local text = '{"type":"chat:file","file":' .. info .. '}'
  put(customer(cid), cid, 'o', text)
  put(operator(op), cid, 'o', text)
end
return 1
