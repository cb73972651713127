"""What `crm plugin new`, `crm plugin add` and `crm init` write: plugins and projects that work at once."""
