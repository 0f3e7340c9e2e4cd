"""How long people wait before they give up."""
