"""Is the fit right: days that it has not seen."""
