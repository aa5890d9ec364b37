-- Looks for whatever the invariants forbid, and mends it when asked.
-- include: lib/rules
--
-- ARGV    cfg JSON, 1 to mend
-- reply   {"<code> <id>", …}: what was found
-- errors  none
local cfg, mend = cjson.decode(ARGV[1]), ARGV[2] == '1'
local found = {}
local function report(code, id) found[#found + 1] = code .. ' ' .. id end

local live = 0
for _, text in ipairs(redis.call('HVALS', K['conv'])) do
  local record = cjson.decode(text)
  local cid, party = record.id, customer(record.id)
  local in_line = redis.call('ZSCORE', K['line'], cid)
  local op = redis.call('HGET', K['active'], cid)
  if record.status ~= 'ended' then live = live + 1 end
  if in_line and op then
    report('waiting_and_active', cid)
    if mend then redis.call('ZREM', K['line'], cid) end
  elseif record.status == 'waiting' and not in_line then
    report('waiting_but_not_in_line', cid)
    if mend then redis.call('ZADD', K['line'], record.ticket, cid) end
  elseif record.status == 'active' and not op then
    report('active_but_unassigned', cid)
    if mend then finish(cfg, cid, 'repaired', 'ops') end
  elseif record.status == 'ended' and (in_line or op) then
    report('ended_but_listed', cid)
    if mend then
      redis.call('ZREM', K['line'], cid)
      redis.call('HDEL', K['active'], cid)
    end
  end
  if record.status == 'ended' and not redis.call('ZSCORE', K['ended'], cid) then
    report('ended_but_kept', cid)
    if mend then redis.call('ZADD', K['ended'], int(now + cfg.keep), cid) end
  end
  if record.status ~= 'ended' and not redis.call('HGET', K['conn'], party) and not redis.call('ZSCORE', K['grace'], party) then
    report('stuck_without_socket', cid)
    if mend then redis.call('ZADD', K['grace'], int(now + grace_ms(cfg, cid, record.status == 'active')), party) end
  end
end

for _, cid in ipairs(redis.call('ZRANGE', K['line'], 0, -1)) do
  if redis.call('HEXISTS', K['conv'], cid) == 0 then
    report('orphan_in_line', cid)
    if mend then redis.call('ZREM', K['line'], cid) end
  end
end
local calls = redis.call('HGETALL', K['active'])
for index = 1, #calls, 2 do
  local cid, op = calls[index], calls[index + 1]
  if redis.call('HGET', K['serving'], op) ~= cid then
    report('claimed_twice', cid)
    if mend then finish(cfg, cid, 'repaired', 'ops') end
  end
  if redis.call('HEXISTS', K['conv'], cid) == 0 then
    report('orphan_in_call', cid)
    if mend then redis.call('HDEL', K['active'], cid) end
  end
end
local desks = redis.call('HGETALL', K['serving'])
for index = 1, #desks, 2 do
  if redis.call('HGET', K['active'], desks[index + 1]) ~= desks[index] then
    report('operator_serves_nobody', desks[index])
    if mend then free_operator(cfg, desks[index]) end
  end
end
for _, op in ipairs(redis.call('ZRANGE', K['available'], 0, -1)) do
  if redis.call('HEXISTS', K['serving'], op) == 1 then
    report('available_in_call', op)
    if mend then redis.call('ZREM', K['available'], op) end
  end
end

local function stat(name) return tonumber(redis.call('HGET', K['stats'], name)) or 0 end
if stat('joined') - stat('ended') ~= live then
  report('counter_mismatch', 'joined')
  if mend then
    live = redis.call('ZCARD', K['line']) + redis.call('HLEN', K['active'])
    redis.call('HSET', K['stats'], 'ended', stat('joined') - live)
  end
end
if mend then match(cfg) end
return found
