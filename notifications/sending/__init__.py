"""The course of one row of the outbox: claimed, sent, tried again, given up."""
