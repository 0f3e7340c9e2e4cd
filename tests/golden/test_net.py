"""What every verb presents, in both languages, is what was kept; see net.py."""

import pytest
from flat_pictures import drawing
from net import LANGUAGES, Net, differences
from net_cases import GROUPS

HINT = "if this is meant: python tests/golden/net.py --keep"
RUNS, EVIDENCE = GROUPS


@pytest.fixture(scope="class")
def net(tmp_path_factory):
    """Return a net whose cases share their results."""
    with drawing():
        yield Net(tmp_path_factory.mktemp("net"))


def assert_as_kept(net, name, language):
    found = differences(net, name, language)
    assert not found, "\n\n".join([*found, HINT])


# Classes, so that two workers can have one each.
@pytest.mark.parametrize("language", LANGUAGES)
class TestRuns:
    @pytest.mark.parametrize("name", RUNS)
    def test_what_is_presented_is_as_it_was(self, net, name, language):
        assert_as_kept(net, name, language)


@pytest.mark.parametrize("language", LANGUAGES)
class TestEvidence:
    @pytest.mark.parametrize("name", EVIDENCE)
    def test_what_is_presented_is_as_it_was(self, net, name, language):
        assert_as_kept(net, name, language)
