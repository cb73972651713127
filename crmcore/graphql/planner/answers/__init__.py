"""From the database's row to the answer's text: what Python fills in, and what errors make null."""
