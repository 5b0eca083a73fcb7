"""Activity of two accounts that turned out to be one."""

from collections.abc import Callable
from typing import Any

from accounts.identity.merging import joiners
from accounts.ingestion import activity, ring
from accounts.ingestion.models import (
    AccountActivity,
    AccountIntents,
    FeatureActivity,
    IntentActivity,
    MilestoneReached,
    UserActivity,
)
from accounts.portfolio.models import Account


def _join(model: type[Any], key: str, unite: Callable[[Any, Any], None], account: Account, into: Account) -> None:
    """Rows about the same `key` become one by `unite`, which stores the first of the two; the others move over."""
    known = {getattr(row, key): row for row in model.objects.filter(account=into)}
    both = model.objects.filter(account=account, **{f"{key}__in": known.keys()})
    for row in both:
        unite(known[getattr(row, key)], row)
    both.delete()
    model.objects.filter(account=account).update(account=into)


@joiners.register("accounts.UserActivity")
def join_users(account: Account, into: Account) -> None:
    """Days of a user who was seen at both are those of either; then the users of each day are counted again."""
    _join(UserActivity, "product_user_id", _unite, account, into)
    activity.recount([into.pk])


@joiners.register("accounts.FeatureActivity")
def join_features(account: Account, into: Account) -> None:
    """Days of a feature that was used at both are those of either, and so are the people who used it last."""
    _join(FeatureActivity, "feature_id", _unite_features, account, into)


def _unite_features(mine: FeatureActivity, other: FeatureActivity) -> None:
    used = {(other.latest_user, other.last_day)}
    if other.second_user is not None and other.second_user_day is not None:
        used.add((other.second_user, other.second_user_day))
    before = (mine.latest_user, mine.last_day, mine.second_user, mine.second_user_day)
    mine.latest_user, mine.second_user, mine.second_user_day = activity.two_latest(before, used)
    _unite(mine, other)


@joiners.register("accounts.IntentActivity")
def join_intents(account: Account, into: Account) -> None:
    """Days on which either visited pages of an intent, and the first and last visit of both."""
    _join(IntentActivity, "intent_id", _unite_intents, account, into)


def _unite_intents(mine: IntentActivity, other: IntentActivity) -> None:
    mine.first_at, mine.last_at = min(mine.first_at, other.first_at), max(mine.last_at, other.last_at)
    _unite(mine, other)


def _unite(mine: UserActivity | FeatureActivity | IntentActivity, other: Any) -> None:
    """Stores `mine` with the days of `other` added."""
    found = ring.united(activity.ring_of(mine), activity.ring_of(other))
    mine.last_day, mine.word_0, mine.word_1, mine.word_2 = activity.words(found)
    mine.save()


@joiners.register("accounts.AccountIntents")
def join_sessions(account: Account, into: Account) -> None:
    """The later of the two sessions."""
    other, mine = AccountIntents.objects.get(account=account), AccountIntents.objects.filter(account=into).first()
    AccountIntents.objects.filter(account=account).delete()
    latest = max(one.pricing_and_security_at for one in (other, mine) if one)
    AccountIntents.objects.update_or_create(account=into, defaults={"pricing_and_security_at": latest})


@joiners.register("accounts.MilestoneReached")
def join_milestones(account: Account, into: Account) -> None:
    """A milestone that both reached was reached when the first of them did."""
    _join(MilestoneReached, "milestone_id", _unite_milestones, account, into)


def _unite_milestones(mine: MilestoneReached, other: MilestoneReached) -> None:
    mine.first_at = min(mine.first_at, other.first_at)
    mine.save()


@joiners.register("accounts.AccountActivity")
def join_accounts(account: Account, into: Account) -> None:
    """The span of either. The users by day are counted when their own days have been joined."""
    other = AccountActivity.objects.get(account=account)
    mine = AccountActivity.objects.filter(account=into).first()
    if mine is None:
        mine = AccountActivity(account=into, source=other.source)
        mine.first_event_at, mine.last_event_at = other.first_event_at, other.last_event_at
    elif other.last_event_at > mine.last_event_at:
        mine.source = other.source  # the product that speaks for it now
    mine.first_event_at = min(mine.first_event_at, other.first_event_at)
    mine.last_event_at = max(mine.last_event_at, other.last_event_at)
    other.delete()
    mine.save()
