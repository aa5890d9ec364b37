"""`make demo`: what customers and operators do and see, played in headless Chromium."""
