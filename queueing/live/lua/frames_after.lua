-- Frames that a socket has not seen, because a notice was lost.
-- include: infra/mailbox_reading
--
-- ARGV    party, conn, seq
-- reply   {seq, stored, …}
-- errors  replaced, lapsed; resync: one of them is gone
if not speaks(ARGV[1], ARGV[2]) then return unheard(ARGV[1]) end
return frames_after(ARGV[1], tonumber(ARGV[3])) or fail('resync')
