"""Who may do what: users, teams, roles, tokens, sessions, row and field rules."""
