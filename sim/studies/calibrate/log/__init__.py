"""Rows become a log: who waited and was served when, what is wrong with it, and what is made of that."""
