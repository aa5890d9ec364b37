"""`make load`: 100 pairings with all counters compared, then 1,000 customers and 50 operators, step by step."""
