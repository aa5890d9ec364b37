"""Figures of past periods: counted by the database, drawn, and written as CSV."""
