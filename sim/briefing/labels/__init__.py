"""Labels in English and simplified Chinese, a file for each kind of answer; `words.py` has those of all."""
