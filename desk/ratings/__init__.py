"""What customers think of a conversation that is over: 1 to 5, and a comment."""
