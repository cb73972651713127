"""What an entity is: declared once as a table, served everywhere."""
