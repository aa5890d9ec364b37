"""`make chaos`: a real stack under a running load, whose parts are killed, wiped, locked and misled in turn."""
