"""What those see who run it: health, metrics, errors, heartbeats."""
