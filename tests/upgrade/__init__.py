"""What an upgrade would do, and that versions can be skipped."""
