"""The settings: their schema, where they come from, and what is wrong with them."""
