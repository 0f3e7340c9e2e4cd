"""What an office is: building blocks, the registration office, calendar, scenario files."""

CALLED_IN = ", called in"
"""Ends the name of those of a pool who leave other work when many wait."""
