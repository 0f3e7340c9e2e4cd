"""What makes files lie."""
