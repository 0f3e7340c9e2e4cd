"""Replicate: design points of an experiment, each as far as its stopping rule asks, on any number of workers."""
