"""A play that waits for what people do in the product: a tracked event, or any use of a feature."""

import datetime as dt
import json

import pytest

from accounts.foundation.clock import now
from accounts.identity import services as identity
from accounts.ingestion.fold import fold
from accounts.portfolio import services as portfolio
from config import pipeline
from plays.decisions.models import Decision
from plays.decisions.queries import because
from plays.definitions import services as definitions
from plays.definitions.models import Play
from plays.definitions.registry import trigger_kinds
from plays.runs.models import Run
from plays.triggers import services as triggers
from plays.triggers.models import Moment
from tests.cast import basic
from tests.plays.drafts import draft

pytestmark = pytest.mark.django_db
EXPORT = {"event": "Export Downloaded"}


@pytest.fixture
def contoso(product, starter):
    account = portfolio.create(name="Contoso", by=None, at=now())
    identity.link(account, source=product, value="acct-7", by=None, at=now())
    return account


@pytest.fixture
def deliver(client, ingest_key):
    """Sends items in one batch, folds them, and lets plays decide."""

    def send(*items):
        headers = {"Authorization": basic(ingest_key)}
        response = client.post("/v1/batch", json.dumps({"batch": items}), "application/json", headers=headers)
        assert response.status_code == 200, response.content
        while fold() + triggers.fire():
            pass

    return send


def active(trigger, **values) -> Play:
    version = definitions.publish(draft(starts_on="signal", trigger=trigger, **values), by=None, at=now())
    return definitions.activate(version.play, by=None, at=now() - dt.timedelta(minutes=5))


def track(event="Export Downloaded", *, group="acct-7", **fields):
    context = {"context": {"groupId": group}} if group else {}
    return {"type": "track", "userId": "ada", "event": event, "timestamp": now().isoformat(), **context, **fields}


def test_a_tracked_event_starts_a_run_that_says_why(contoso, deliver):
    active(EXPORT)
    deliver(track(messageId="m-1"), track("Report Viewed"))
    run, decision = Run.objects.get(), Decision.objects.get()
    assert run.account == contoso
    assert run.occurrence_key.startswith("signal:")
    assert because(decision) == "Signal Export Downloaded"


def test_a_repeat_starts_nothing_more(contoso, deliver):
    active(EXPORT)
    for _ in range(3):
        deliver(track(messageId="m-1"))
        Run.objects.update(state="ended", ended_at=now())
    assert Decision.objects.count() == 1


def test_another_one_is_another_occasion(contoso, deliver):
    active(EXPORT)
    for number in range(2):
        deliver(track(messageId=f"m-{number}"))
        Run.objects.update(state="ended", ended_at=now())
    assert Run.objects.count() == 2


def test_many_at_once_are_one_occasion_for_an_account(contoso, deliver):
    active(EXPORT)
    deliver(*(track(messageId=f"m-{number}") for number in range(40)))
    assert (Decision.objects.count(), Run.objects.count()) == (1, 1)


def test_any_use_of_a_feature(contoso, deliver):
    active({"feature": "exports"})
    deliver(track())
    assert because(Decision.objects.get()) == "Signal Export Downloaded"


@pytest.mark.parametrize(
    ("said", "starts"),
    [
        ({"format": "pdf", "rows": 10}, True),
        ({"format": "csv", "rows": 10}, False),
        ({"format": "pdf", "rows": "10"}, False),
        ({"format": "pdf"}, False),
        (None, False),
    ],
)
def test_only_those_whose_properties_fit(contoso, deliver, said, starts):
    format_ = {"fact": "format", "operator": "equal", "value": "pdf"}
    rows = {"fact": "rows", "operator": "greaterThanInclusive", "value": 10}
    active(EXPORT | {"where": {"all": [format_, rows]}})
    deliver(track(**({} if said is None else {"properties": said})))
    assert Run.objects.count() == starts
    if starts:
        assert because(Decision.objects.get()) == (
            "Signal Export Downloaded and format pdf (is “pdf”) and rows 10 (is at least 10)"
        )


def test_texts_that_the_play_does_not_name_are_not_kept(contoso, deliver):
    active(EXPORT | {"where": {"fact": "author", "operator": "notEqual", "value": "me"}})
    deliver(track(properties={"author": "ada@contoso.example"}))
    assert "ada@" not in json.dumps(Decision.objects.get().clauses)
    assert because(Decision.objects.get()) == "Signal Export Downloaded and author something else (is not “me”)"


def test_signals_from_before_the_play_was_active_start_nothing(contoso, deliver):
    deliver(track())
    active(EXPORT)
    deliver(track(timestamp=(now() - dt.timedelta(minutes=6)).isoformat()))
    assert not Decision.objects.exists()


def test_signals_of_nobodys_account_wait_and_start_it_when_the_account_is_known(contoso, deliver, product):
    active(EXPORT)
    deliver(track(group="acct-8"))
    assert not Moment.objects.exists()
    assert not Decision.objects.exists()
    identity.link(contoso, source=product, value="acct-8", by=None, at=now())
    pipeline.run()
    assert Run.objects.get().account == contoso


def test_a_retired_play_hears_nothing(contoso, deliver):
    definitions.deactivate(active(EXPORT), by=None, at=now())
    deliver(track())
    assert not Moment.objects.exists()
    assert not Decision.objects.exists()


def test_a_feature_that_the_plan_does_not_have_is_refused(starter):
    with pytest.raises(definitions.ValidationError, match="no feature telepathy"):
        active({"feature": "telepathy"})
    assert not Play.objects.filter(key="usage_low").exists()


def test_the_console_says_when_it_starts(starter):
    words = trigger_kinds["signal"].words
    assert words(definitions.current(active(EXPORT))) == "when somebody of an account does this: Export Downloaded"
    assert words(definitions.current(active({"feature": "exports"}))) == "when somebody of an account uses Exports"
