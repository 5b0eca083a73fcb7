"""The limits page tells what the code enforces, and warns once when most of a limit is used."""

import datetime as dt
import importlib
import re
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.ingestion import tally
from accounts.limits import services
from accounts.limits.models import Crossing
from accounts.limits.queries import counted, line, lines
from accounts.limits.registry import Unit, limits, spoken
from accounts.outbox.models import Delivery
from accounts.team.models import User
from config.limits import watch
from tests.architecture.code import ROOT, modules
from tests.cast import person
from tests.factories.accounts import AT, CrossingFactory, EventNameFactory, SourceFactory

DAY = dt.timedelta(days=1)
NAMES = sorted(limits)
CODE = [module.text for module in modules() if not module.name.startswith("config.limits")]


@pytest.mark.parametrize("name", NAMES)
def test_a_limit_is_the_constant_that_the_code_enforces(name: str) -> None:
    place, _, constant = limits[name].constant.partition(":")
    home = settings if place == "settings" else importlib.import_module(place)
    assert hasattr(home, constant.partition(".")[0])
    word = re.compile(rf"\b{constant.partition('.')[0]}\b")
    mentions = sum(len(word.findall(text)) for text in CODE)
    framework = {"DATA_UPLOAD_MAX_MEMORY_SIZE", "SESSION_COOKIE_AGE", "EMAIL_TIMEOUT"}  # Django enforces these
    assert mentions > 1 or constant in framework, f"nothing asks {limits[name].constant}"
    assert limits[name].value >= 0


def test_what_the_code_enforces_is_what_the_page_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "MOST_NAMES", 7)
    assert (limits["event_names"].value, limits["event_names"].words) == (7, "7")


def test_no_two_limits_are_called_the_same() -> None:
    assert len({(one.group, one.label) for one in limits.values()}) == len(limits)


def test_the_guide_lists_every_limit_with_its_value() -> None:
    guide = (ROOT / "docs" / "limits.md").read_text()
    rows = [row for row in guide.splitlines() if row.startswith("| ") and row.count("|") == 5]
    told = {tuple(cell.strip() for cell in row.strip("|").split("|")) for row in rows[0:]}
    usual = {"api_rate": "1,200", "couriers": "4"}  # tests have their own
    for name, limit in limits.items():
        set_by = f" (`{limit.variable}`)" if limit.variable else ""
        value = f"{usual.get(name, limit.words)}{set_by}"
        assert (limit.label, value, limit.beyond, limit.why) in told, f"docs/limits.md lacks {limit.label}: {value}"
    known = {limit.label for limit in limits.values()}
    assert {row[0] for row in told} - known <= {"bound", "---"}


@pytest.mark.parametrize(
    ("number", "unit", "words"),
    [
        (4 * 2**20, Unit.BYTES, "4 MiB"),
        (128 * 1024, Unit.BYTES, "128 KiB"),
        (900, Unit.SECONDS, "15 minutes"),
        (1209600, Unit.SECONDS, "14 days"),
        (10, Unit.SECONDS, "10 seconds"),
        (1, Unit.DAYS, "1 day"),
        (1970, Unit.YEAR, "1970"),
        (2500, Unit.COUNT, "2,500"),
    ],
)
def test_numbers_are_said_as_one_says_them(number: int, unit: Unit, words: str) -> None:
    assert spoken(number, unit) == words


@pytest.fixture
def seven_names(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that sends four of at most five event names."""
    monkeypatch.setattr(tally, "MOST_NAMES", 5)
    source = SourceFactory(name="Our app")
    for number in range(4):
        EventNameFactory(source=source, name=f"Event {number}")
    EventNameFactory(name="Elsewhere")


def test_use_is_counted_where_it_is_most(seven_names: None) -> None:
    found = line("event_names")
    assert (found.use.used, found.use.of, found.percent, found.is_near) == (4, "Our app", 80, True)  # type: ignore[union-attr]


def test_a_crossing_is_told_once_and_again_when_it_comes_again(seven_names: None) -> None:
    from accounts.ingestion.models import EventName

    assert [one.line.name for one in services.look(at=AT)] == ["event_names"]
    assert services.look(at=AT + DAY) == []
    last = EventName.objects.filter(source__name="Our app").latest("pk")
    last.delete()
    assert services.look(at=AT + 2 * DAY) == []
    assert Crossing.objects.get().ended_at == AT + 2 * DAY
    EventNameFactory(source=last.source, name="Event 9")
    assert len(services.look(at=AT + 3 * DAY)) == 1
    assert Crossing.objects.count() == 2


def test_administrators_are_told_and_nobody_else(starter: Any, seven_names: None) -> None:
    root = person("root", role="administrator", group=None)
    gone = person("gone", role="administrator", group=None)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    person("maya", role="csm", group=None)
    assert (watch.look(), watch.look()) == (1, 0)
    told = Delivery.objects.get()
    assert told.user == root
    assert told.body.subject == "80 % of a limit is used: Event names counted by source (Our app)"
    assert told.body.link == "/admin/limits/"


@pytest.mark.django_db
def test_a_limit_has_one_open_warning() -> None:
    CrossingFactory(limit="event_names")
    with pytest.raises(IntegrityError), transaction.atomic():
        CrossingFactory(limit="event_names")
    CrossingFactory(limit="allow_list")


@pytest.mark.django_db
def test_all_use_is_read_in_as_many_queries_as_there_are_counts() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert len(lines()) == len(limits)
    assert len(queries) <= len(counted()) + 1


def test_the_page_warns_and_names_what_is_beyond(starter: Any, seven_names: None, client: Client) -> None:
    client.force_login(person("root", role="administrator", group=None))
    watch.look()
    page = client.get("/admin/limits/").content.decode()
    assert "80 %" in page
    assert "new names share one count" in page
    assert "Still near" in page
    assert 'href="/admin/limits/"' in client.get("/admin/health/").content.decode()
    assert "Limits that are near" in client.get("/admin/").content.decode()


def test_warnings_are_told_in_numbers_as_one_says_them(starter: Any, client: Client) -> None:
    client.force_login(person("root", role="administrator", group=None))
    assert "Nobody has been warned so far" in client.get("/admin/limits/").content.decode()
    CrossingFactory(limit="event_names", used=4224, bound=5000)
    assert "4,224 of 5,000" in client.get("/admin/limits/").content.decode()
