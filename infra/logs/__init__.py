"""Log lines: how they are written, where they are kept, which are told once, and the ids that stand on them."""
