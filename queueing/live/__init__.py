"""What is true now, in Redis: the line, the calls, the mailboxes. Each change is one script in `lua/`."""
