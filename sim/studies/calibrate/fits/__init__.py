"""What a log tells: demand, times, patience, ways and staff, each with its interval, and a scenario from them."""
