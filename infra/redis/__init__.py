"""The one way to Redis: two clients (blocking and in an event loop), scripts, outages, pushes, Sentinel."""
