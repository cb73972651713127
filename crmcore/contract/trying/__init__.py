"""What rules do with a plugin to see how it behaves: make records, ask for them, tell of events, look at what is left."""
