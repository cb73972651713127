"""Estate agency for crmcore: a catalogue of properties, viewings, sales, and a report to sellers."""
