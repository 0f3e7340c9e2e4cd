"""Briefings: what saved results say, as a page, a deck, a workbook and pictures that are ready for a meeting."""
