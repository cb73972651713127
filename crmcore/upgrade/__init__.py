"""What an upgrade would do, said before anything is touched."""
