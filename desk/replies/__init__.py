"""What operators say often, kept to be said again."""
