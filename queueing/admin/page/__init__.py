"""The page of one conversation: what the history has of it, in words and charts, and its downloads."""
