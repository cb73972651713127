"""What writes the pages that are made from the code, one module a kind of page."""
