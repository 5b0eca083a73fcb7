"""An audience is defined whole, or refused with the field that is wrong and what to do."""

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.facts.registry import rules_that_read
from accounts.foundation.models import AuditEntry
from retention.audiences import services
from retention.audiences.drafts import AudienceDraft, draft_of
from retention.audiences.models import Audience
from tests.factories import retention
from tests.retention.evaluation.facts import AT

pytestmark = pytest.mark.django_db
WON = {"fact": "stage", "operator": "equal", "value": "won"}
GOOD = AudienceDraft("champions", "Champions", roles=["finance", "champion"], condition=WON)


def define(draft: AudienceDraft) -> Audience:
    return services.define(draft, by=None, at=AT)


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))


def test_is_written_once_with_its_roles_in_order_and_changed_in_place():
    row = define(GOOD)
    assert row.roles == ["champion", "finance"]
    assert define(GOOD) == row
    assert verbs() == ["audience.define"]
    changed = define(replace(GOOD, name="Buyers", roles=["finance", "finance"], topics=["events"]))
    assert (changed.pk, changed.name, changed.roles, changed.topics) == (row.pk, "Buyers", ["finance"], ["events"])
    assert verbs() == ["audience.define", "audience.change"]
    assert AuditEntry.objects.latest("pk").before == {
        "name": "Champions",
        "roles": ["champion", "finance"],
        "topics": [],
    }
    assert define(draft_of(changed)) == row
    services.remove(changed, by=None, at=AT)
    assert (Audience.objects.count(), verbs()[-1]) == (0, "audience.remove")


@pytest.mark.parametrize(
    ("change", "place", "told"),
    [
        ({"roles": ["king"]}, "roles[0]", "champion, executive_sponsor"),
        ({"topics": ["events", "weather"]}, "topics[1]", "product_news"),
        ({"condition": {"fact": "moon", "operator": "isKnown"}}, "condition.fact", "moon"),
        ({"condition": {"all": [WON | {"value": 3}]}}, "condition.all[0].value", "text"),
        ({"condition": {"all": []}}, "condition.all", ""),
        ({"condition": WON | {"heldFor": {"days": 3}}}, "condition.heldFor", ""),
        ({"roles": [], "condition": None}, "roles", "everybody"),
        ({"key": "No Key"}, "key", "lower-case"),
        ({"name": ""}, "name", ""),
        ({"name": "x" * 121}, "name", "120"),
    ],
)
@pytest.mark.parametrize("exists", [False, True])
def test_what_is_wrong_is_named_and_nothing_happens(change, place, told, exists):
    if exists and "key" not in change:
        define(GOOD)
    before = list(Audience.objects.values())
    with pytest.raises(ValidationError) as refused:
        define(replace(GOOD, **change))
    assert told in " ".join(refused.value.message_dict[place])
    assert list(Audience.objects.values()) == before


def test_there_is_a_limit(monkeypatch):
    monkeypatch.setattr(services, "MOST_AUDIENCES", 1)
    define(GOOD)
    with pytest.raises(ValidationError, match="already"):
        define(replace(GOOD, key="another"))
    define(replace(GOOD, name="Others"))


def test_the_database_keeps_an_audience_from_being_everybody():
    with pytest.raises(IntegrityError), transaction.atomic():
        retention.AudienceFactory(roles=[])
    retention.AudienceFactory(roles=[], topics=["events"])
    retention.AudienceFactory(roles=[], condition=WON)


def test_a_fact_says_which_audiences_ask_for_it():
    define(GOOD)
    assert "audience Champions" in rules_that_read("stage")
    assert "audience Champions" not in rules_that_read("arr")
