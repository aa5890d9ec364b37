"""Our web server: what stands between the socket and the application, and how a process ends."""
