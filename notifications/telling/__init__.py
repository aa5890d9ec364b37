"""Who is told of something, in which order, and the rows of the outbox that this makes."""
