"""A play is written in the console, shown with what it would do, and published as a file would be."""

import json

import pytest

from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.portfolio import services as portfolio
from plays.authoring.forms import step_forms
from plays.definitions import services as definitions
from plays.definitions.models import Play, PlayVersion
from plays.definitions.services import StepDraft, draft_of
from plays.playbook.kinds.play import export
from plays.runs.models import Run
from plays.steps.registry import step_kinds
from tests.factories.accounts import AccountFactory, AccountFactsFactory
from tests.factories.retention import CONDITION
from tests.plays.authoring.sent import CALL, NEW, TELL, address, as_shown, new, signed_in
from tests.plays.drafts import draft

pytestmark = pytest.mark.django_db
RARELY = json.dumps(CONDITION)
WEEKLY = {"every": 1, "unit": "weeks", "anchor": "2026-01-02", "zone": "UTC"}
SOONER = {"when": dict(CONDITION), "due": "4 bh"}
KINDS = {
    "entered": {"rearm": {"not": dict(CONDITION)}, "trigger_after_days": 3, "again_after_days": 30},
    "window": {"starts_on": "window", "trigger": {"fact": "contract_end_date", "days": 90, "until": 60}},
    "cadence": {"starts_on": "cadence", "trigger": WEEKLY | {"for": dict(CONDITION)}},
    "event": {"starts_on": "event", "trigger": {"kind": "deal.won", "where": {"fact": "type", "operator": "isKnown"}}},
    "signal": {"starts_on": "signal", "trigger": {"event": "Export Downloaded"}},
}
STEPS = (
    StepDraft("call", "human_task", {"title": "Call {account}", "owner": "csm", "due": "1 bd", "sooner": SOONER}),
    StepDraft("tell", "notify", {"title": "Called", "to": "ae", "by": ["in_app", "email"], "text": "One\ntwo"}),
)


def published(**values) -> PlayVersion:
    return definitions.publish(draft(**values), by=None, at=now())


def test_every_kind_of_step_has_a_form():
    assert set(step_forms) == set(step_kinds)


def test_a_play_is_shown_with_its_effect_and_then_published(olga, amelia):
    account = AccountFactory(name="Kestrel")
    AccountFactsFactory(account=account, active_users_30d=1)
    portfolio.assign(account, part="csm", user=amelia, by=None, at=now())
    sent = new(CALL, TELL, when_condition=RARELY, when_again_after_days="60")
    client = signed_in(olga)
    shown = client.post(NEW, sent | {"do": "preview"}).content.decode()
    assert "It is true now for 1 account" in shown
    assert "Kestrel" in shown
    assert f"{amelia}: 1" in shown
    assert not Play.objects.filter(name="Quiet account").exists()
    answer = client.post(NEW, sent | {"do": "publish"})
    play = Play.objects.get(name="Quiet account")
    assert answer.headers["Location"] == f"/admin/plays/play/{play.pk}/change/"
    assert not play.is_active
    written = draft_of(definitions.current(play))
    assert (written.trigger, written.again_after_days, written.priority) == (CONDITION, 60, "adoption")
    assert [(step.key, step.kind) for step in written.steps] == [("call", "human_task"), ("a_quiet_account", "notify")]
    assert written.steps[0].config == {"title": "Call {account}", "owner": "csm", "due": "1 bd"}
    assert AuditEntry.objects.filter(verb="play.publish").first().actor_id == olga.pk
    assert not Run.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_what_nobody_changed_publishes_nothing(olga, kind):
    version = published(**KINDS[kind], steps=STEPS)
    before = list(export())
    client, sent = signed_in(olga), as_shown(version)
    shown = client.post(address(version), sent | {"do": "preview"})
    assert shown.status_code == 200, shown.content.decode()
    assert "Nothing differs from the version in force." in shown.content.decode()
    client.post(address(version), sent | {"do": "publish"})
    assert PlayVersion.objects.filter(play=version.play).count() == 1
    assert list(export()) == before


def test_a_change_becomes_a_version_and_says_what_differs(olga):
    version = published(steps=STEPS)
    sent = as_shown(version) | {"step-0-due": "2", "play-purpose": "Listen."}
    client = signed_in(olga)
    shown = client.post(address(version), sent | {"do": "preview"}).content.decode()
    assert "Changes: its purpose, the step “Call …”." in shown
    client.post(address(version), sent | {"do": "publish"})
    latest = definitions.current(version.play)
    assert (latest.number, latest.purpose) == (2, "Listen.")
    assert latest.steps.get(key="call").config["due"] == "2 bd"
    assert latest.steps.get(key="call").config["sooner"] == SOONER
    assert version.steps.get(key="call").config["due"] == "1 bd"


@pytest.mark.parametrize(
    ("do", "titles"),
    [
        ("down-0", ["Called", "Call {account}"]),
        ("up-1", ["Called", "Call {account}"]),
        ("remove-0", ["Called"]),
        ("add-notify", ["Call {account}", "Called", ""]),
        ("remove-9", ["Call {account}", "Called"]),
    ],
)
def test_steps_are_arranged_and_keep_what_was_typed(olga, do, titles):
    version = published(steps=STEPS)
    answer = signed_in(olga).post(address(version), as_shown(version) | {"do": do, "play-purpose": "Half a thou"})
    sheet = answer.context["sheet"]
    assert [step["title"].value() or "" for step in sheet.steps] == titles
    assert sheet.play["purpose"].value() == "Half a thou"
    assert PlayVersion.objects.filter(play=version.play).count() == 1


def test_the_page_of_a_play_says_its_steps_in_words_and_who_published_what(olga):
    version = published(steps=STEPS)
    definitions.publish(draft(purpose="Listen.", steps=STEPS), by=olga, at=now())
    shown = signed_in(olga).get(f"/admin/plays/play/{version.play_id}/change/").content.decode()
    for words in ("1 business day", "4 business hours when", "Account executive", "Version 1", f"by {olga}"):
        assert words in shown
    assert "1 bd" not in shown


def test_another_kind_of_start_is_asked_for_before_anything_is_published(olga):
    version = published(steps=STEPS)
    client = signed_in(olga)
    sent = as_shown(version) | {"play-starts_on": "window", "do": "publish"}
    shown = client.post(address(version), sent)
    assert shown.context["sheet"].kind == "window"
    assert definitions.current(version.play) == version
    given = {"kind": "window", "when-fact": "contract_end_date", "when-days": "90", "when-side": "before"}
    client.post(address(version), sent | given | {"when-hour": "9", "when-after_stop": "once"})
    latest = definitions.current(version.play)
    assert (latest.starts_on, latest.trigger) == ("window", {"fact": "contract_end_date", "days": 90})
