"""What lists can be asked for: filters, order, pages, figures and groups."""
