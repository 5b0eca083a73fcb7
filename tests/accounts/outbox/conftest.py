import pytest

from accounts.workspace.models import Workspace
from tests.accounts.outbox.receiver import Receiver
from tests.factories.accounts import UserFactory, WorkspaceFactory


@pytest.fixture
def live(db) -> Workspace:
    return WorkspaceFactory(outbound_mode="live")


@pytest.fixture
def allowed(settings):
    """Lets the HTTP client reach this machine."""
    settings.OUTBOUND_ALLOW = ["127.0.0.1"]


@pytest.fixture
def receiver(allowed):
    with Receiver() as one:
        yield one


@pytest.fixture
def boss(db):
    return UserFactory(is_superuser=True, is_staff=True, username="boss", email="boss@anchor.example")
