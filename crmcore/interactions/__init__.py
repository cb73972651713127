"""Everything that happens between the business and its customers: calls, messages, meetings, notes."""
