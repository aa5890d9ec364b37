-- What all consoles show: the head of the queue and every running call.
-- include: lib/line_index
-- keys: conv active device serving available wrapup conn
--
-- ARGV    rows of the queue at most, of how many the answers are told: those far behind are not taken yet
-- reply   JSON {waiting: [{conversation, name, topic, media, site?, line?, position (in its line), waited_s, device_check?, answers?}], waiting_total,
--         active: [{conversation, operator, customer, since, media}], operators: [{id, name, state: free | call | wrap-up}],
--         those on shift, 200 at most, by_line: {line: how many wait there}}; a waiting row may say whom it is
--         held_for, and of who has left to be called how that stands: callback: away | called
-- errors  none
local OPERATORS_MAX = 200
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local waiting, active, answered, places = {}, {}, tonumber(ARGV[2]), {}
local ids = redis.call('ZRANGE', K['line'], 0, ARGV[1] - 1)
local records = #ids > 0 and redis.call('HMGET', K['conv'], unpack(ids))
local devices = #ids > 0 and redis.call('HMGET', K['device'], unpack(ids))
for index, cid in ipairs(ids) do
  local record, device = cjson.decode(records[index] or '{"joined_at":0}'), devices[index]
  local line = record.line or ''
  places[line] = (places[line] or 0) + 1
  local row = cjson.encode({
    conversation = cid, name = record.name, topic = record.topic, media = record.media, position = places[line],
    waited_s = math.max(0, math.floor((now - record.joined_at) / 1000)), site = record.site_name, line = record.line_name,
    held_for = record.held and string.sub(record.held, 1, 1) ~= '|'
      and (redis.call('HGET', K['operator'], record.held .. ':name') or record.held) or nil,
    callback = record.callback and redis.call('HEXISTS', K['conn'], 'c:' .. cid) == 0
      and (record.callback.calls > 0 and 'called' or 'away') or nil,
  })
  -- As they were written: decoding would turn an empty list into an object.
  if device then row = string.sub(row, 1, -2) .. ',"device_check":' .. device .. '}' end
  if record.answers and index <= answered then row = string.sub(row, 1, -2) .. ',"answers":' .. record.answers .. '}' end
  waiting[index] = row
end
local running = redis.call('HGETALL', K['active'])
for index = 1, #running, 2 do
  local record = cjson.decode(redis.call('HGET', K['conv'], running[index]) or '{}')
  local op = running[index + 1]
  active[#active + 1] = cjson.encode({
    conversation = running[index], operator = redis.call('HGET', K['operator'], op .. ':name') or op,
    customer = record.name, since = record.claimed_at, media = record.media,
  })
end
local operators, state_of, ops, fields = {}, {}, {}, {}
local function found(op, state)
  if not state_of[op] and #ops < OPERATORS_MAX then
    ops[#ops + 1] = op
    fields[#fields + 1] = op .. ':wants'
    fields[#fields + 1] = op .. ':name'
    state_of[op] = state
  end
end
for _, op in ipairs(redis.call('HKEYS', K['serving'])) do found(op, 'call') end
for _, op in ipairs(redis.call('ZRANGE', K['wrapup'], 0, OPERATORS_MAX - 1)) do found(op, 'wrap-up') end
for _, op in ipairs(redis.call('ZRANGE', K['available'], 0, OPERATORS_MAX - 1)) do found(op, 'free') end
local desks = #ops > 0 and redis.call('HMGET', K['operator'], unpack(fields))
for index, op in ipairs(ops) do
  if desks[2 * index - 1] == '1' then
    operators[#operators + 1] = cjson.encode({id = op, name = desks[2 * index] or op, state = state_of[op]})
  end
end
table.sort(operators)
local by_line = {}
for _, line in ipairs(waiting_lines()) do by_line[line] = length_of(line) end
return string.format('{"waiting_total":%d,"waiting":[%s],"active":[%s],"operators":[%s],"by_line":%s}', redis.call('ZCARD', K['line']),
  table.concat(waiting, ','), table.concat(active, ','), table.concat(operators, ','), cjson.encode(by_line))
