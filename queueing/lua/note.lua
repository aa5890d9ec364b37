-- What a party says of itself: its device check, call stats or call state. Newest wins; stats and checks go on to the
-- operator, call states into the journal.
-- include: lib/state
--
-- ARGV    party, conn, kind (device:check | call:stats | call:state), payload JSON
-- reply   1
-- errors  replaced
local party, kind, payload = ARGV[1], ARGV[3], ARGV[4]
if redis.call('HGET', K['conn'], party) ~= ARGV[2] then return fail('replaced') end
local cid = side(party) == 'c' and id_of(party) or redis.call('HGET', K['serving'], id_of(party))
if not cid then return 0 end
if kind == 'device:check' then
  redis.call('HSET', K['device'], cid, payload)
  notify()
elseif kind == 'call:stats' then
  redis.call('HSET', K['call'], party, payload)
  local op = redis.call('HGET', K['active'], cid)
  if op then
    publish(operator(op), 0, 0, cid, '{"type":"call:stats","from":"' .. (side(party) == 'c' and 'customer' or 'operator')
      .. '",' .. string.sub(payload, 2))
  end
else
  local data = cjson.decode(payload)
  data.from = side(party) == 'c' and 'customer' or 'operator'
  if data.state then count('call:' .. data.state) end
  journal(kind, cid, data)
end
return 1
