"""Experiments: replications of a scenario, judged and stored."""
