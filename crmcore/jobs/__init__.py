"""Durable work: rows in the database of what is to be done, and workers that do it."""
