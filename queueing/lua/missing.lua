-- Frames that a socket has not seen, because a notice was lost.
-- include: infra/mailbox
--
-- ARGV    party, conn, seq
-- reply   {seq, stored, …}
-- errors  replaced; resync: one of them is gone
if redis.call('HGET', K['conn'], ARGV[1]) ~= ARGV[2] then return fail('replaced') end
return frames_after(ARGV[1], tonumber(ARGV[3])) or fail('resync')
