"""The tables of loyalty, one file an idea."""
