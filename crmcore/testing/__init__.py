"""What plugin authors test with: a CRM in a moment, on either database."""
