import pytest

from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from tests.cast import amelia, bruno, carla, east, person, starter, west  # noqa: F401
from tests.retention.handoffs.handing import of, won


@pytest.fixture
def sal(east):  # noqa: F811
    """An account executive, who sells."""
    return person("sal", role="ae", group=None)


@pytest.fixture
def account(amelia, sal):  # noqa: F811
    row = portfolio.create(name="Northwind", by=None, at=now())
    portfolio.assign(row, part="csm", user=amelia, by=None, at=now())
    portfolio.assign(row, part="ae", user=sal, by=None, at=now())
    return row


@pytest.fixture
def handoff(account, sal):
    """A handoff that has just begun."""
    return of(won(account, sal))
