"""Activity of two accounts that turned out to be one."""

from collections import defaultdict
from typing import Any

from accounts.identity.merging import joiners
from accounts.ingestion import activity, ring
from accounts.ingestion.daily import added
from accounts.ingestion.models import (
    AccountActivity,
    AccountIntents,
    FeatureActivity,
    IntentActivity,
    MilestoneReached,
    UserActivity,
)
from accounts.portfolio.models import Account


@joiners.register("accounts.UserActivity")
def join_users(account: Account, into: Account) -> None:
    """Days of a user who was seen at both are those of either."""
    known = {row.product_user_id: row for row in UserActivity.objects.filter(account=into)}
    both = UserActivity.objects.filter(account=account, product_user__in=known.keys())
    for row in both:
        _unite(known[row.product_user_id], row)
    both.delete()
    UserActivity.objects.filter(account=account).update(account=into)
    recount(into)


@joiners.register("accounts.FeatureActivity")
def join_features(account: Account, into: Account) -> None:
    """Days of a feature that was used at both are those of either, and so are the people who used it last."""
    known = {row.feature_id: row for row in FeatureActivity.objects.filter(account=into)}
    both = FeatureActivity.objects.filter(account=account, feature__in=known.keys())
    for row in both:
        mine = known[row.feature_id]
        used = {(row.latest_user, row.last_day)}
        if row.second_user is not None and row.second_user_day is not None:
            used.add((row.second_user, row.second_user_day))
        before = (mine.latest_user, mine.last_day, mine.second_user, mine.second_user_day)
        mine.latest_user, mine.second_user, mine.second_user_day = activity.two_latest(before, used)
        _unite(mine, row)
    both.delete()
    FeatureActivity.objects.filter(account=account).update(account=into)


def _unite(mine: UserActivity | FeatureActivity | IntentActivity, other: Any) -> None:
    """Stores `mine` with the days of `other` added."""
    found = ring.united(activity.ring_of(mine), activity.ring_of(other))
    mine.last_day, mine.word_0, mine.word_1, mine.word_2 = activity.words(found)
    mine.save()


@joiners.register("accounts.IntentActivity")
def join_intents(account: Account, into: Account) -> None:
    """Days on which either visited pages of an intent, and the first and last visit of both."""
    known = {row.intent_id: row for row in IntentActivity.objects.filter(account=into)}
    both = IntentActivity.objects.filter(account=account, intent__in=known.keys())
    for row in both:
        mine = known[row.intent_id]
        mine.first_at, mine.last_at = min(mine.first_at, row.first_at), max(mine.last_at, row.last_at)
        _unite(mine, row)
    both.delete()
    IntentActivity.objects.filter(account=account).update(account=into)


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
    known = {row.milestone_id: row for row in MilestoneReached.objects.filter(account=into)}
    both = MilestoneReached.objects.filter(account=account, milestone__in=known.keys())
    for row in both:
        first = min(row.first_at, known[row.milestone_id].first_at)
        MilestoneReached.objects.filter(pk=known[row.milestone_id].pk).update(first_at=first)
    both.delete()
    MilestoneReached.objects.filter(account=account).update(account=into)


@joiners.register("accounts.AccountActivity")
def join_accounts(account: Account, into: Account) -> None:
    """The span of either; the users by day are counted again from the days of each, as somebody may be in both."""
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
    recount(into)


def recount(account: Account) -> None:
    """Counts the users of each day again from their rings."""
    users: dict[int, int] = defaultdict(int)
    for row in UserActivity.objects.filter(account=account):
        for day in ring.days_of(activity.ring_of(row)):
            users[day] += 1
    if users:
        daily = added(None, users)
        AccountActivity.objects.filter(account=account).update(daily=daily.counts, daily_until=daily.last_day)
