"""The web app: a scenario with sliders, its verdict, and what can be taken along."""
