"""How fast sealing is, against what OpenSSL and the database can do at all: `python -m benchmarks.codec` and others, in the plugin's folder."""
