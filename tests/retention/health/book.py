"""Health models for tests, and accounts whose facts are known without signals."""

import datetime as dt
from typing import Any

import yaml

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.facts import aging, projection
from accounts.facts.services import FactDraft, define, set_custom
from accounts.portfolio.models import Account
from plays.playbook.kinds.health_model import _draft
from retention.health.configuration import in_force
from retention.health.drafts import HealthDraft, MeasureDraft
from retention.health.models import AccountHealth, HealthModelVersion
from retention.health.scales import Day
from retention.health.scoring import Scored
from retention.health.services import publish
from tests.cast import STARTER
from tests.retention.evaluation.facts import AT, DAY

UTC = dt.UTC
EVERYBODY = {"fact": "account_created_at", "operator": "isKnown"}
LINE = {"fact": "mood", "marks": [[0, 0], [100, 100]]}


def shipped(key: str) -> HealthDraft:
    """A model of the starter playbook as its file says it."""
    return _draft(yaml.safe_load((STARTER / "health" / f"{key}.yaml").read_text()))


def scored(key: str, at: dt.datetime = AT, **known: Any) -> Scored:
    """What a shipped model makes of an account of which this is known."""
    return shipped(key).scorer().score(known, Day.of(at, UTC))


def points(key: str, measure: str, at: dt.datetime = AT, **known: Any) -> float | None:
    """The points of one measure, None where unknown."""
    return next(part.points for part in scored(key, at, **known).parts if part.key == measure)


def define_moods(*keys: str) -> None:
    """Facts of the installation, from 0 to 100, to score by."""
    for key in keys or ("mood",):
        define(FactDraft(key, key.capitalize(), "number", "For this test."), by=None, at=AT)


def simple(**values: Any) -> HealthDraft:
    """A model whose score is the mood."""
    measures = [MeasureDraft("mood", "Mood", 100, LINE)]
    return HealthDraft(**({"applies": EVERYBODY, "precedence": 1, "measures": measures} | values))


def put(draft: HealthDraft, at: dt.datetime = AT, key: str = "plain") -> HealthModelVersion:
    """Publishes a model and lets every account be scored by it."""
    found = publish(draft, key=key, name=key.capitalize(), by=None, at=at)
    settle(at)
    return found


def settle(at: dt.datetime) -> None:
    """Projects what is marked, and what grew old."""
    while projection.project_dirty(at=at) or aging.project_aged(at=at):
        pass


def feel(account: Account, at: dt.datetime, **values: Any) -> AccountHealth:
    """From `at` on these are the account's facts; returns its health."""
    set_custom(account, values, source="crm", at=at)
    events.mark([account.pk], DirtyAccount.Pass.FACTS, at=at)
    settle(at)
    return AccountHealth.objects.get(account=account)


def retire_shipped() -> None:
    """Lets the shipped models apply to nobody, so that a test's own is alone."""
    for version in in_force():
        HealthModelVersion.objects.filter(pk=version.pk).update(applies={"not": EVERYBODY}, published_at=AT - DAY)


__all__ = ["AT", "DAY", "define_moods", "feel", "points", "put", "retire_shipped", "scored", "settle", "simple"]
