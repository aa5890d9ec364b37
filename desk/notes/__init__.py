"""What operators write down about a conversation or a person, for each other: no customer ever reads it."""
