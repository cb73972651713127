"""What is measured: crmcore, and what else people build such an API with, on the same database."""
