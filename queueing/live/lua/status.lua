-- Figures for ops and for the gauges of a scrape.
-- include: lib/line_index
-- keys: meta conv active serving available wrapup conn grace ended journal stats lease call tried talked free callback
--
-- ARGV    (none)
-- reply   JSON {now, waiting, callbacks, callbacks_oldest_s, active, available, wrap_up, on_shift, connections, processes, away,
--         ended, journal, maintenance, longest_wait_s, lines: {line ('' = the default one): {waiting, available}} where somebody
--         waits, calls_tried, calls_connected (of those tried in the last hour), recovering, incarnation,
--         stats: {…}, calls: [JSON text of each party's last call stats]}
-- errors  none
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
-- Of those who are to be called, who has asked first: few (AWAY_MAX of lib/callbacks).
local asked_at = now
for _, cid in ipairs(redis.call('ZRANGE', K['callback'], 0, -1)) do
  local text = redis.call('HGET', K['conv'], cid)
  local readable, record = pcall(cjson.decode, text or '')
  asked_at = math.min(asked_at, readable and type(record) == 'table' and record.callback and record.callback.at or now)
end
local head = redis.call('ZRANGE', K['line'], 0, 0, 'WITHSCORES')
local stats, on_shift = {}, 0
local flat = redis.call('HGETALL', K['stats'])
for index = 1, #flat, 2 do stats[flat[index]] = tonumber(flat[index + 1]) end
local desks = redis.call('HGETALL', K['operator'])
for index = 1, #desks, 2 do
  if string.sub(desks[index], -6) == ':wants' and desks[index + 1] == '1' then on_shift = on_shift + 1 end
end
local meta = function(field) return tonumber(redis.call('HGET', K['meta'], field)) or 0 end
local calls = redis.call('HVALS', K['call'])
local data = {
  now = now, waiting = redis.call('ZCARD', K['line']), callbacks = redis.call('ZCARD', K['callback']), active = redis.call('HLEN', K['active']),
  available = redis.call('ZCARD', K['available']), wrap_up = redis.call('ZCARD', K['wrapup']), on_shift = on_shift,
  connections = redis.call('HLEN', K['conn']), processes = redis.call('ZCOUNT', K['lease'], now, '+inf'),
  away = redis.call('ZCARD', K['grace']), ended = redis.call('ZCARD', K['ended']),
  journal = redis.call('XLEN', K['journal']), maintenance = redis.call('HGET', K['meta'], 'maintenance') == '1',
  callbacks_oldest_s = math.max(0, math.floor((now - asked_at) / 1000)),
  longest_wait_s = head[2] and math.max(0, math.floor(now / 1000 - head[2] / 1000000)) or 0,
  calls_tried = redis.call('ZCOUNT', K['tried'], now - 3600000, '+inf'),
  calls_connected = redis.call('ZCOUNT', K['talked'], now - 3600000, '+inf'),
  recovering = now < meta('recover_until'), incarnation = meta('incarnation'),
}
local lines = {}
for _, line in ipairs(waiting_lines()) do
  lines[line] = {waiting = length_of(line), available = redis.call('ZLEXCOUNT', K['free'], of_line(line))}
end
local text = cjson.encode(data)
local function object(map) return next(map) and cjson.encode(map) or '{}' end
local function list(rows) return #rows > 0 and cjson.encode(rows) or '[]' end
return string.sub(text, 1, -2) .. ',"lines":' .. object(lines) .. ',"stats":' .. object(stats) .. ',"calls":' .. list(calls) .. '}'
