"""Rules, what they look at, and what is made of them."""
