"""Who looked at sensitive data."""
