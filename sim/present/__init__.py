"""Briefing: saved results become charts and tables. It reads results folders only, and runs nothing."""
