"""An office's own log: read from its files, cleaned and counted, written, and made from a simulated period."""
