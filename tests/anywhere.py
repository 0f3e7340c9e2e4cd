"""A random place in nested data, for tests that put something else there."""

from hypothesis import strategies as st


def place_in(draw, data):
    """Return the mapping or list that holds a value somewhere in `data`, and its key there."""
    place = data
    while True:
        key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not (isinstance(place[key], dict | list) and place[key]) or draw(st.integers(0, 3)) == 0:
            return place, key
        place = place[key]
