"""The tables of compliance, one file an idea."""
