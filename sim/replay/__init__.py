"""Replay: one day of an office, or a week of days, drawn as it went, in one page for a browser."""
