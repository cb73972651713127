"""Lists of records: which rows, in which order, which part of them a page is, and what a connection shows of it."""
