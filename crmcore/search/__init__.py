"""Search over all records: a text index kept by the transaction that writes a record."""
