"""How fast the ledger is, against what the database can do at all: `python -m benchmarks` in the plugin's folder."""
