"""Pages of several entities' records: timelines and search."""
