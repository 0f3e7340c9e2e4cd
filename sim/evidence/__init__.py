"""What the model rests on: an office's own log, and which assumption a verdict hangs on."""
