"""Sweep files: read, checked, and turned into the scenarios of their cells."""
