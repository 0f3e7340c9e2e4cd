"""Which ways cases take, and who is sent back."""
