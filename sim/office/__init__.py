"""What an office is: building blocks, the registration office, calendar, scenario files."""
