"""The catalogue of messages: what is said in English in the code, in other languages."""
