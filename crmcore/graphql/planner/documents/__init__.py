"""From a client's text to a checked operation: parsed, limited and validated once per text."""
