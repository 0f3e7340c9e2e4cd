"""Replicate: design points of an experiment, each as far as its question needs, on any number of workers."""
