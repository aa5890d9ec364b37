"""How the journal becomes rows, log lines and letters."""
