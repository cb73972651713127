"""Nothing lost: real processes are killed while they work, and afterwards everything has to add up."""
