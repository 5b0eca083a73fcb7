"""The step *notify*: who is told, by which channel, and what its configuration may be."""

import pytest

from accounts.outbox.models import Delivery
from plays.runs.models import Run
from plays.steps import notify
from plays.steps import services as steps
from plays.triggers import services as triggers
from tests.factories.accounts import AT, AccountFactory, AccountMemberFactory, UserFactory
from tests.plays.drafts import StepDraft, active_play, edge

pytestmark = pytest.mark.django_db
TOLD = {"to": "csm", "by": ["in_app", "email"], "title": "Usage of {account} fell", "text": "See {account}."}


@pytest.fixture
def csm():
    return UserFactory(username="amelia", email="amelia@anchor.example")


@pytest.fixture
def account(csm):
    account = AccountFactory(name="Northwind")
    AccountMemberFactory(account=account, user=csm)
    return account


def told(account, **config) -> list[tuple]:
    """Who was told what by a run of this one step, by channel."""
    config = {name: value for name, value in {**TOLD, **config}.items() if value is not None}
    edge(active_play(steps=(StepDraft("tell", "notify", config),)), account)
    triggers.fire(at=AT)
    steps.advance(at=AT)
    rows = Delivery.objects.order_by("channel").select_related("body", "user")
    return [(row.channel, row.user, row.body.subject) for row in rows if row.purpose == "play"]


def test_tells_the_part_it_names_in_each_channel_and_goes_on(account, csm):
    subject = "Usage of Northwind fell"
    assert told(account) == [("email", csm, subject), ("in_app", csm, subject)]
    assert Run.objects.get().state == "ended"
    mail = Delivery.objects.get(channel="email")
    assert mail.body.text.startswith("See Northwind.\n\nhttp")
    assert (mail.state, mail.account) == ("due", account)


def test_tells_a_user_by_name(account):
    olga = UserFactory(username="olga")
    assert [user for _, user, _ in told(account, to=None, user="olga", by=["in_app"])] == [olga]


@pytest.mark.parametrize("config", [{"to": "ae"}, {"to": None, "user": "nobody"}])
def test_where_nobody_is_the_run_goes_on(account, config):
    assert told(account, **config) == []
    assert Run.objects.get().state == "ended"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"title": ""}, ".title"),
        ({"title": 3}, ".title"),
        ({"text": []}, ".text"),
        ({"to": "boss"}, ".to"),
        ({"user": "olga"}, ".to"),
        ({"to": ["csm"]}, ".to"),
        ({"by": []}, ".by"),
        ({"by": "email"}, ".by"),
        ({"by": ["pigeon"]}, ".by"),
        ({"by": [["email"]]}, ".by"),
        ({"colour": "red"}, ".colour"),
    ],
)
def test_refuses_what_makes_no_sense(change, path):
    assert [trouble.path for trouble in notify.check({**TOLD, **change}, {})] == [path]


def test_needs_a_recipient():
    assert [one.path for one in notify.check({"by": ["email"], "title": "x"}, {})] == [".to"]
    assert [one.path for one in notify.check({"by": ["email"], "title": "x", "user": " "}, {})] == [".user"]
    assert notify.check(TOLD, {}) == []
