"""`python -m bench.attack`: what strangers can do to a running stack, measured against goals."""
