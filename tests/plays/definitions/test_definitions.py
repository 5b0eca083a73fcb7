"""Publishing makes versions, activating watches silently, and what was published once never changes."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.events import services as events
from accounts.foundation.models import AuditEntry
from plays.definitions import services as definitions
from plays.definitions.models import Play, PlayVersion
from plays.definitions.services import StepDraft
from retention.evaluation.models import Edge, Standing, Watch
from retention.evaluation.passes import evaluate_dirty
from tests import trail
from tests.factories.accounts import AT, AccountFactsFactory
from tests.plays.drafts import TASK, active_play, draft

pytestmark = pytest.mark.django_db
FEWER = {"fact": "active_users_30d", "operator": "lessThan", "value": 2}


def publish(**values) -> PlayVersion:
    return definitions.publish(draft(**values), by=None, at=AT)


def deactivate(play: Play) -> Play:
    return definitions.deactivate(play, by=None, at=AT)


def activate(play: Play) -> Play:
    return definitions.activate(play, by=None, at=AT)


def seen(account_facts, users: int | None) -> None:
    """The account has this many active users now, and the pass has looked at it."""
    account_facts.active_users_30d = users
    account_facts.save()
    events.mark([account_facts.account_id], "verdicts", at=AT)
    evaluate_dirty(at=AT)


def test_a_play_is_published_with_its_steps_and_inactive():
    version = publish(steps=(StepDraft("call", "human_task", TASK), StepDraft("write", "human_task", TASK)))
    assert (version.number, version.published_at, version.play.is_active) == (1, AT, False)
    steps = version.steps.values_list("position", "key", "kind", "config")
    assert list(steps) == [(0, "call", "human_task", TASK), (1, "write", "human_task", TASK)]
    assert not Watch.objects.exists()


def test_publishing_the_same_again_makes_no_version():
    first = publish()
    trail.forget()
    assert publish() == first
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    "values",
    [
        {"purpose": "Another."},
        {"priority": "adoption"},
        {"trigger": FEWER},
        {"again_after_days": 30},
        {"steps": (StepDraft("call", "human_task", {**TASK, "due": "2 bd"}),)},
        {"steps": (StepDraft("ring", "human_task", TASK),)},
    ],
)
def test_a_difference_makes_a_version_and_leaves_the_one_before(values):
    first = publish()
    before = definitions.draft_of(first)
    second = publish(**values)
    assert (second.number, second.play) == (2, first.play)
    assert definitions.current(first.play) == second
    assert definitions.draft_of(PlayVersion.objects.get(pk=first.pk)) == before


def test_another_name_is_no_other_version():
    first = publish()
    assert publish(name="Users left") == first
    assert Play.objects.get().name == "Users left"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"key": "Not A Key"}, "key"),
        ({"priority": "whenever"}, "priority"),
        ({"purpose": ""}, "purpose"),
        (
            {"steps": (StepDraft("call", "human_task", TASK), StepDraft("call", "human_task", TASK))},
            "Version and Key already exists",
        ),
    ],
)
def test_refuses_what_is_no_play_and_leaves_nothing(values, field):
    with pytest.raises(ValidationError, match=field):
        publish(**values)
    assert not Play.objects.exists()
    assert not AuditEntry.objects.exists()


def test_activating_needs_a_version():
    play = Play.objects.create(key="empty", name="Empty")
    with pytest.raises(ValidationError, match="no published version"):
        activate(play)
    assert not Play.objects.get().is_active


def test_activating_watches_the_trigger():
    play = activate(publish().play)
    watch = Watch.objects.get()
    assert (play.is_active, play.activated_at) == (True, AT)
    assert (watch.key, watch.reader, watch.active) == ("play:usage_low", "plays", True)
    assert (watch.enter, watch.definition) == (draft().trigger, "usage_low version 1")


def test_activating_again_changes_nothing():
    play = active_play()
    trail.forget()
    activate(play)
    assert not AuditEntry.objects.exists()


def test_accounts_that_match_already_start_nothing():
    facts = AccountFactsFactory(active_users_30d=1)
    active_play()
    assert Standing.objects.get(account=facts.account).true_0 == 1
    seen(facts, 1)
    assert not Edge.objects.exists()
    seen(facts, 9)
    seen(facts, 1)
    assert list(Edge.objects.order_by("n").values_list("direction", flat=True)) == ["left", "entered"]


def test_a_deactivated_play_is_not_watched_any_more():
    facts = AccountFactsFactory(active_users_30d=9)
    play = deactivate(active_play())
    seen(facts, 1)
    assert not Edge.objects.exists()
    assert not play.is_active
    assert not Watch.objects.get().active


def test_activating_it_anew_starts_from_what_holds_then():
    facts = AccountFactsFactory(active_users_30d=9)
    play = deactivate(active_play())
    seen(facts, 1)
    activate(play)
    seen(facts, 1)
    assert not Edge.objects.exists(), "it matched before the play was active again"


def test_an_active_play_follows_its_new_trigger_silently():
    facts = AccountFactsFactory(active_users_30d=1)
    active_play(trigger={"fact": "active_users_30d", "operator": "greaterThan", "value": 100})
    publish()
    assert Watch.objects.get().enter == draft().trigger
    assert Watch.objects.get().definition == "usage_low version 2"
    seen(facts, 1)
    [edge] = Edge.objects.all()
    assert (edge.direction, edge.cause, edge.pending) == ("entered", "definition", False)


def test_an_inactive_play_is_published_without_being_watched():
    play = deactivate(active_play())
    publish(trigger=FEWER)
    assert Watch.objects.get().enter == draft().trigger
    activate(play)
    assert Watch.objects.get().enter == FEWER


def test_each_step_of_the_way_is_in_the_trail():
    play = active_play()
    deactivate(play)
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == [
        "play.create",
        "play.publish",
        "step.define",
        "play.activate",
        "watch.start",
        "play.deactivate",
        "watch.stop",
    ]


def test_runs_stay_with_the_version_they_began_with():
    version = publish()
    assert definitions.current(version.play) == version
    later = publish(purpose="Another.")
    assert PlayVersion.objects.filter(play=version.play).count() == 2
    assert later.published_at - version.published_at == dt.timedelta(0)
