-- What all consoles show: the head of the queue and every running call.
-- keys: line conv active operator device
--
-- ARGV    rows of the queue at most
-- reply   JSON {waiting: [{conversation, name, topic, media, position, waited_s, device_check?}], waiting_total,
--         active: [{conversation, operator, customer, since}]}
-- errors  none
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local waiting, active = {}, {}
for index, cid in ipairs(redis.call('ZRANGE', K['line'], 0, ARGV[1] - 1)) do
  local record = cjson.decode(redis.call('HGET', K['conv'], cid) or '{"joined_at":0}')
  local device = redis.call('HGET', K['device'], cid)
  local row = cjson.encode({
    conversation = cid, name = record.name, topic = record.topic, media = record.media, position = index,
    waited_s = math.max(0, math.floor((now - record.joined_at) / 1000)),
  })
  -- As the customer's page wrote it: decoding would turn an empty list into an object.
  waiting[index] = device and string.sub(row, 1, -2) .. ',"device_check":' .. device .. '}' or row
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
return string.format('{"waiting_total":%d,"waiting":[%s],"active":[%s]}',
  redis.call('ZCARD', K['line']), table.concat(waiting, ','), table.concat(active, ','))
