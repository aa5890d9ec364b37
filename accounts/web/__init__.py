"""Signing in over HTTP: pages, endpoints, and what they take."""
