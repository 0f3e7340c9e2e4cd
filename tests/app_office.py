"""The small office that the tests of the app move sliders of."""

THREE_DAYS = """name: small
title: {en: Three days, zh: 三天}
period: {first: 2023-03-01, last: 2023-03-03}
demand: {registrations_per_year: 15000}
staff:
  reviewers: {plan: {08:30-12:00: 5, 12:00-17:00: 4}, midday_crew: 2}
  clerks: {plan: {08:30-17:00: 2}, midday_crew: 2}
"""
