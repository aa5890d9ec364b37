"""Callbacks that keep the ticket: who waits may leave the page, and is told when it is nearly their turn."""
