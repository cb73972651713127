"""Customers, how to reach them, how they relate, and what any record may carry: tags, external ids, custom fields."""
