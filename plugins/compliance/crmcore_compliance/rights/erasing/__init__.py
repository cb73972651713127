"""Erasing a person: what becomes of each record, in one transaction; then the keys, the proof, the certificate."""
