"""To-dos for crmcore: on any record, with assignee, due instant, checklist and repeat."""
