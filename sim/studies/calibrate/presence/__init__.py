"""When the office is open, and who is at work."""
