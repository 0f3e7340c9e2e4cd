"""All randomness: an office and a seed become journeys."""
