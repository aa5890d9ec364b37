-- What was promised lately, and what came.
-- keys: promises
--
-- ARGV    (none)
-- reply   {line, …}: as lib/state describes them, newest first
-- errors  none
return redis.call('LRANGE', K['promises'], 0, -1)
