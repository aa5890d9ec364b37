"""The ways a message takes: the Bot API, and Apprise when that gave up."""
