"""The way of a request: from text and variables to the bytes of an answer."""
