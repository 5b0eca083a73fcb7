import pytest

from accounts.throttling import services


@pytest.fixture(autouse=True)
def _nothing_held():
    """As a process that has just started."""
    services._held.clear()
    yield
    services._held.clear()
