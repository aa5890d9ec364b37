-- A process ends in good order: its parties stay as they are for a moment, in which another process takes them over.
-- Whoever does not come in time is found by the reaper like the parties of a process that died.
-- include: lib/state
--
-- ARGV    process
-- reply   how many parties it still holds
-- errors  none
local process = ARGV[1]
local prefix = process .. '/'
-- Without the mark its end is not counted as the loss of a process, and a late tick knows that it was given up.
redis.call('ZREM', K['held'], prefix)
local held = redis.call('ZLEXCOUNT', K['held'], '[' .. prefix, '[' .. prefix .. '\255')
if held == 0 then
  redis.call('ZREM', K['lease'], process)
else
  redis.call('ZADD', K['lease'], int(now + BLINK_MS), process)
end
return held
