"""Both engines by name, for tests that draw and play whole offices."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["compiled", "process"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """Return the name of each engine in turn, as `play` takes it."""
    return request.param
