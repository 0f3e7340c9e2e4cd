"""What a verdict hangs on: each assumption alone, all together, and where it flips."""
