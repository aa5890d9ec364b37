"""Pages and what every request goes through."""
