"""Staffing answers: the cheapest plan, rosters, breaking demand, and which stage is to blame."""
