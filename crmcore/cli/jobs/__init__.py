"""What `crm jobs` does."""
