"""What came of a conversation: an outcome and tags, given by whom the customer talked with."""
