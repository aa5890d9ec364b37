"""What is true now, in Redis: the queue, the calls, the mailboxes. Each change is one script in `lua/`."""
