"""What `crm doctor` looks at."""
