-- The whole floor, for supervisors: every running call with how well it goes, and every operator who is there.
-- keys: conv active operator serving available wrapup conn grace call
--
-- ARGV    rows of each at most
-- reply   JSON {now, calls: [{conversation, customer, topic, line?, operator, name, since, media, stats: [JSON text of the customer's and of
--         the operator's last figures, or '']}], calls_total, operators: [{id, name, state: free | call | wrap-up | break | away,
--         since?: ms, until?: ms, conversation?}], operators_total}; moments are ms
-- errors  none
local clock, most = redis.call('TIME'), tonumber(ARGV[1])
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local function name_of(op) return redis.call('HGET', K['operator'], op .. ':name') or op end
local function stats_of(party) return redis.call('HGET', K['call'], party) or '' end

local calls, calls_total = {}, redis.call('HLEN', K['active'])
local running = redis.call('HGETALL', K['active'])
for index = 1, math.min(#running, 2 * most), 2 do
  local cid, op = running[index], running[index + 1]
  local known, record = pcall(cjson.decode, redis.call('HGET', K['conv'], cid) or '{}')
  if not known then record = {} end
  calls[#calls + 1] = cjson.encode({
    conversation = cid, customer = record.name, topic = record.topic, line = record.line_name, operator = op, name = name_of(op), since = record.claimed_at,
    media = record.media, stats = {stats_of('c:' .. cid), stats_of('o:' .. op)},
  })
end

local operators, total = {}, 0
local desks = redis.call('HGETALL', K['operator'])
for index = 1, #desks, 2 do
  local op = string.match(desks[index], '^(.*):wants$')
  local connected = op and redis.call('HEXISTS', K['conn'], 'o:' .. op) == 1
  local away = op and not connected and redis.call('ZSCORE', K['grace'], 'o:' .. op)
  if connected or away then
    total = total + 1
    local cid, on = redis.call('HGET', K['serving'], op), desks[index + 1] == '1'
    local wrap_up, free = redis.call('ZSCORE', K['wrapup'], op), redis.call('ZSCORE', K['available'], op)
    local state = away and 'away' or cid and 'call' or not on and 'break' or wrap_up and 'wrap-up' or free and 'free' or 'break'
    if #operators < most then
      operators[#operators + 1] = cjson.encode({
        id = op, name = name_of(op), state = state, on_shift = on, conversation = cid or nil,
        since = state == 'free' and math.floor(tonumber(free) / 1000) or nil,
        ['until'] = state == 'wrap-up' and tonumber(wrap_up) or nil,
      })
    end
  end
end
return string.format('{"now":%.0f,"calls_total":%d,"calls":[%s],"operators_total":%d,"operators":[%s]}', now, calls_total,
  table.concat(calls, ','), total, table.concat(operators, ','))
