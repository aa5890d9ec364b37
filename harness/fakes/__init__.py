"""Other services as local processes with scripted faults."""
