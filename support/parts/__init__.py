"""What pages fetch, made of plain sources: without comments, in few pieces."""
