-- Notices that Redis was wiped (no generation) or restarted (another run id), before anybody acts on half-forgotten state.
-- keys: meta
--
-- meta  hash  run_id; incarnation: rises whenever Redis may have forgotten something, older mailboxes are rebuilt;
--             generation, generation_at: when an empty Redis was first seen; restarted_at: of the last other start;
--             recover_until: claims pause; reachable_at: since when lost parties could come back; lease_hold: no process is
--             given up; hold_until: nobody has waited too long;
--             maintenance, maintenance_message, maintenance_until: as people switched it
local function detect_restart(now, recovery, hold, lease)
  local meta = K['meta']
  if redis.call('HEXISTS', meta, 'generation') == 0 then
    redis.call('HSET', meta, 'generation', string.format('%.0f', now) .. '000',
      'generation_at', string.format('%.0f', now), 'recover_until', string.format('%.0f', now + recovery))
  end
  local run_id = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
  if redis.call('HGET', meta, 'run_id') ~= run_id then
    redis.call('HSET', meta, 'run_id', run_id, 'restarted_at', string.format('%.0f', now),
      'hold_until', string.format('%.0f', now + hold), 'lease_hold', string.format('%.0f', now + lease),
      'reachable_at', string.format('%.0f', now))
    redis.call('HINCRBY', meta, 'incarnation', 1)
  end
end
