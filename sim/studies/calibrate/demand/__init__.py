"""How many come, and when."""
