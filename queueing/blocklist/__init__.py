"""Who may not join: rules that people write, and what they match."""
