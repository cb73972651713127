"""The commands below `crm schema`."""
