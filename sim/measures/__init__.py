"""From a log to figures, from figures to a verdict."""
