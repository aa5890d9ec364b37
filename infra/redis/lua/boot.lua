-- Runs first on every new connection: notices a restarted or wiped Redis.
-- include: infra/detect_restart
--
-- ARGV    pause of claims after a wipe (ms), pause of the reaper after a restart (ms), life of a lease (ms)
-- reply   incarnation: rises whenever Redis may have forgotten its last second; older mailboxes are rebuilt
-- errors  none
local clock = redis.call('TIME')
detect_restart(clock[1] * 1000 + math.floor(clock[2] / 1000), tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]))
return tonumber(redis.call('HGET', K['meta'], 'incarnation'))
