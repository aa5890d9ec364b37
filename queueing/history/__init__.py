"""What was, in the database: it follows the journal and decides nothing."""
