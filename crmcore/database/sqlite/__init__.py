"""SQLite: readers and one writer, each a connection on a thread of its own."""
