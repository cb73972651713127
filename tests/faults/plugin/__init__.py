"""What the plugin of the fault test gives: accounts between which money moves, and effects that can be counted."""
