"""Further pages of a play: its calendar, what it would start, when it starts as a form; and starting it for many."""

import datetime as dt
import json

import pytest
from django.test import Client

from accounts.calendar import services as calendar
from accounts.calendar.models import Calendar
from accounts.foundation.clock import now
from accounts.portfolio.events import happened
from plays.decisions.models import Decision
from plays.definitions import services as definitions
from plays.definitions.models import Play
from plays.runs.models import Run
from plays.triggers import services as triggers
from plays.triggers.preview import preview
from tests.factories.accounts import AccountFactory, AccountFactsFactory
from tests.plays.drafts import draft

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
WEEKLY = {"every": 1, "unit": "weeks", "anchor": "2026-01-02", "zone": "UTC"}
WON = {"starts_on": "event", "trigger": {"kind": "deal.won", "where": {"fact": "type", "operator": "isKnown"}}}
KINDS = {
    "entered": {},
    "window": {"starts_on": "window", "trigger": {"fact": "contract_end_date", "days": 90}},
    "cadence": {"starts_on": "cadence", "trigger": WEEKLY},
    "event": WON,
    "signal": {"starts_on": "signal", "trigger": {"event": "Export Downloaded"}},
}


def active(**values) -> Play:
    version = definitions.publish(draft(**values), by=None, at=now())
    return definitions.activate(version.play, by=None, at=now())


def page(user, play, name="change/") -> str:
    answer = signed_in(user).get(f"/admin/plays/play/{play.pk}/{name}")
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_pages_and_a_preview(olga, kind):
    AccountFactsFactory(contract_end_date=(now() + 120 * DAY).date(), active_users_30d=1)
    play = active(**KINDS[kind])
    for name in ("change/", "preview/", "trigger/"):
        assert play.name in page(olga, play, name)
    answer = signed_in(olga).get(f"/admin/plays/play/{play.pk}/calendar/")
    assert answer.status_code == (200 if kind in ("window", "cadence") else 404)
    found = signed_in(olga).get(f"/api/v1/plays/{play.key}/preview/").json()
    assert found["count"] == (0 if kind in ("event", "signal") else 1)


def test_the_preview_of_an_event_tells_of_whom_it_would_have_started_for(olga, carla):
    account, other = AccountFactory(name="Kestrel"), AccountFactory()
    for days in (1, 3, 40):
        happened("deal.won", account, by=None, at=now() - days * DAY, type="new")
    happened("deal.won", other, by=None, at=now(), name="without a type")
    version = definitions.publish(draft(**WON), by=None, at=now())
    found = preview(version, user=olga, at=now())
    assert (found.count, [one.name for one, _ in found.examples]) == (1, ["Kestrel"])
    assert "In the last 30 days it would have started for 1 account." in page(olga, version.play, "preview/")
    assert preview(version, user=carla, at=now()).count == 0
    assert not Decision.objects.exists()


def test_the_calendar_tells_the_next_ten_times_and_how_the_past_ones_ended(olga):
    AccountFactory()
    play = active(**KINDS["cadence"])
    at = now() + 8 * DAY
    while calendar.open_due(at=at) + triggers.fire(at=at):
        pass
    text = page(olga, play, "calendar/")
    assert text.count("each account that it concerns then") == 10
    assert "Started: 1" in text


def test_the_calendar_of_a_window_tells_the_accounts_that_one_may_see(olga, carla):
    AccountFactsFactory(contract_end_date=(now() + 120 * DAY).date(), account__name="Kestrel")
    play = active(**KINDS["window"])
    assert "Kestrel" in page(olga, play, "calendar/")
    answer = signed_in(carla).get(f"/admin/plays/play/{play.pk}/calendar/")
    assert "Kestrel" not in answer.content.decode()


def test_a_changed_rhythm_is_a_new_version(olga):
    condition = {"fact": "tickets_open", "operator": "greaterThan", "value": 2}
    play = active(**KINDS["cadence"] | {"trigger": WEEKLY | {"for": condition}})
    given = {"every": "2", "unit": "months", "anchor": "2026-01-31", "hour": "7", "zone": "Europe/Berlin"}
    body = given | {"after_stop": "skip", "again_after_days": "30", "for": json.dumps(condition)}
    answer = signed_in(olga).post(f"/admin/plays/play/{play.pk}/trigger/", body, follow=True)
    assert "Version 2 is in force" in answer.content.decode()
    version = definitions.current(play)
    told = {"every": 2, "unit": "months", "anchor": "2026-01-31", "hour": 7, "zone": "Europe/Berlin", "for": condition}
    assert (version.trigger, version.after_stop, version.again_after_days) == (told, "skip", 30)
    assert Calendar.objects.get(key=play.watch_key).rule["unit"] == "months"
    assert "Nothing was changed" in (
        signed_in(olga).post(f"/admin/plays/play/{play.pk}/trigger/", body, follow=True).content.decode()
    )


@pytest.mark.parametrize(
    ("kind", "change", "said"),
    [
        ("cadence", {"every": "0"}, "greater than or equal to 1"),
        ("cadence", {"zone": "Mars/Olympus"}, "is no time zone"),
        ("cadence", {"anchor": "31 Feb"}, "Enter a valid date"),
        ("window", {"until": "95"}, "at most 90, as it ends after it opens"),
        ("window", {"fact": "arr"}, "Select a valid choice"),
        ("event", {"kind": "run.ended"}, "Select a valid choice"),
        ("signal", {"event": ""}, "one of the two"),
        ("signal", {"feature": "exports"}, "one of the two"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field_and_changes_nothing(olga, kind, change, said):
    play = active(**KINDS[kind])
    fine = {
        "cadence": WEEKLY | {"hour": "9"},
        "window": {"fact": "contract_end_date", "days": "90", "side": "before", "hour": "9"},
        "event": {"kind": "deal.won"},
        "signal": {"event": "Export Downloaded"},
    }[kind]
    body = fine | {"after_stop": "once"} | change
    answer = signed_in(olga).post(f"/admin/plays/play/{play.pk}/trigger/", body)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert play.versions.count() == 1


def test_only_those_who_define_plays_may_change_them(carla):
    play = active(**WON)
    assert signed_in(carla).post(f"/admin/plays/play/{play.pk}/trigger/", {"kind": "deal.lost"}).status_code == 404
    assert play.versions.count() == 1


def start_many(client, accounts, **values):
    body = {"action": "start-play", "_selected_action": [one.pk for one in accounts], **values}
    return client.post("/admin/accounts/account/", body, follow=True)


def test_a_play_starts_for_many_after_its_plan_was_shown(olga):
    play, accounts = definitions.publish(draft(), by=None, at=now()).play, [AccountFactory() for _ in range(3)]
    triggers.start_by_hand(play, accounts[:1], occurrence="x", reason="First.", by=olga, at=now())
    client = signed_in(olga)
    text = start_many(client, accounts).content.decode()
    assert "Start a play for 3 accounts" in text
    given = {"play": play.pk, "reason": "They asked.", "wish": "abc"}
    text = start_many(client, accounts, step="plan", **given).content.decode()
    assert "Start for 2 accounts" in text
    assert "A run is open; there is one at a time." in text
    assert Run.objects.count() == 1
    for _ in range(2):
        text = start_many(client, accounts, step="start", **given).content.decode()
        assert f"{play} started for 2 accounts." in text
    assert Run.objects.count() == 3
    assert Decision.objects.filter(reason="They asked.", by=olga).count() == 3


def test_nothing_starts_without_a_play_and_a_reason(olga):
    text = start_many(signed_in(olga), [AccountFactory()], step="start", wish="abc").content.decode()
    assert "Choose the play to start." in text
    assert "Say in a few words why" in text


def test_who_may_not_see_an_account_starts_nothing_for_it(carla):
    play, account = definitions.publish(draft(), by=None, at=now()).play, AccountFactory()
    start_many(signed_in(carla), [account], step="start", play=play.pk, reason="Mine.", wish="abc")
    assert not Decision.objects.exists()
