"""The page of one conversation in the admin: facts, timeline in words, charts, transcript, downloads."""
