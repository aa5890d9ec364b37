-- A customer who waits asks to be called when it is nearly their turn, or takes that back; after a wipe the worker brings back
-- those who cannot come by themselves. Asked again, the newest contact counts.
-- include: lib/revival
--
-- ARGV    cfg JSON, ask | cancel | give_up | restore, conversation; give_up: who must have asked ('' = whoever has); and but for
--         these two the callback JSON {channel, who; of one that is
--         restored also at, calls, number: of the last call}; ask: list of how many each `who` may have, how they are reached
--         (JSON, for the journal alone); restore: record JSON as restore.lua takes it, how long after a wipe (ms)
-- reply   1 when that changed something, else 0
-- errors  ask: not_waiting: nobody waits so, or for a colleague alone; callbacks_full: too many have asked
local cfg, act, cid = cjson.decode(ARGV[1]), ARGV[2], ARGV[3]
local party = customer(cid)
local record = get(cid)

if act == 'cancel' then
  local callback = record and record.callback
  if not callback then return 0 end
  record.callback = nil
  local stored = cjson.encode(record)
  drop_callback(cid, callback)
  save(cid, stored)
  if not redis.call('HGET', K['conn'], party) then redis.call('ZADD', K['grace'], int(now + grace_ms(cfg, cid, false)), party) end
  journal('callback:cancelled', cid, record.trace, '{}')
  notify()
  return 1
end

-- They cannot come. Never the call that has begun meanwhile.
if act == 'give_up' then
  local callback = record and record.status == 'waiting' and record.callback
  if not callback then return 0 end
  local theirs = ARGV[4] == ''
  for _, who in ipairs(callback.who or {}) do theirs = theirs or who == ARGV[4] end
  if not theirs then return 0 end
  finish(cfg, cid, 'left', 'customer')
  match(cfg, {})
  return 1
end

local callback = cjson.decode(ARGV[4])
if act == 'ask' then
  if not record or record.status ~= 'waiting' or record.held then return fail('not_waiting') end
  local before = record.callback
  if not before and redis.call('ZCARD', K['callback']) >= AWAY_MAX then return fail('callbacks_full') end
  local most = cjson.decode(ARGV[5])
  for index, who in ipairs(callback.who) do
    local from, to = '[' .. who .. '/', '[' .. who .. '/\255'
    local own = redis.call('ZSCORE', K['caller'], who .. '/' .. cid) and 1 or 0
    if redis.call('ZLEXCOUNT', K['caller'], from, to) - own >= most[index] then return fail('callbacks_full') end
  end
  callback.at, callback.calls = now, before and before.calls or 0
  callback.called = before and before.called
  record.callback = callback
  local stored = cjson.encode(record)
  local due = redis.call('ZSCORE', K['callback'], cid) or 0
  drop_callback(cid, before)
  keep_callback(cid, callback, due)
  save(cid, stored)
  redis.call('ZREM', K['grace'], party)
  count('callbacks:asked')
  journal('callback:asked', cid, record.trace, ARGV[6])
  notify()
  return 1
end

notice_wipe(cfg)
local asked_at, most_ms = callback.at, tonumber(ARGV[6])
if asked_at >= forgot_at() or now > forgot_at() + most_ms then return 0 end
if record and (record.status ~= 'waiting' or record.callback) then return 0 end
if not record then
  record = cjson.decode(ARGV[5])
  record.callback, record.calls = callback, callback.number
  revive(cfg, record)
else
  record.callback, record.calls = callback, callback.number
  save(cid, cjson.encode(record))
end
-- Who was called before the wipe is called again only when they do not come.
keep_callback(cid, callback, callback.calls > 0 and CALLED or 0)
redis.call('ZREM', K['grace'], party)
journal('callback:restored', cid, record.trace, cjson.encode({calls = callback.calls, call = callback.number}))
notify()
return 1
