"""Keeping the renewal risk of accounts: where each stands, and every change of tier with its reasons."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from accounts.facts.registry import Values
from accounts.foundation import many
from accounts.foundation.many import among
from accounts.portfolio.events import Happening, happened_to_many
from accounts.portfolio.models import Account
from retention.conditions.comparing import Moment
from retention.risks.models import AccountRisk, RiskModelVersion, RiskTierChange, Tier
from retention.risks.rating import Rated, Rater


def standings(account_ids: Iterable[int]) -> dict[int, AccountRisk]:
    """Account id → its renewal risk when it was last rated."""
    return {row.pk: row for row in AccountRisk.objects.filter(pk__in=among(account_ids))}


@dataclass(frozen=True)
class Change:
    """One account whose renewal risk is not what is kept of it."""

    before: AccountRisk | None
    after: AccountRisk
    is_by_rule: bool

    @property
    def is_another_tier(self) -> bool:
        return self.before is None or self.before.tier != self.after.tier


def since(before: AccountRisk | None, rated: Rated, at: dt.datetime) -> dt.datetime:
    """From when on the account is in its tier."""
    return before.since if before and before.tier == rated.tier else at


@dataclass(frozen=True)
class Rating:
    """One account as it is rated now, and as it was kept before."""

    rater: Rater
    rated: Rated
    before: AccountRisk | None


def follow(rater: Rater, ratings: Mapping[int, Rating], facts_of: Callable[[int], Values], moment: Moment) -> set[int]:
    """Writes what became other than before; returns the accounts in another tier only because of a new version.

    `facts_of` an account, in units, is asked only for those that changed.
    """
    at = moment.as_of
    earlier = _earlier((one.before for one in ratings.values() if one.before), rater.version)
    changes = []
    for account_id, one in ratings.items():
        old, rated = one.before, one.rated
        after = AccountRisk(
            account_id=account_id,
            version=rater.version,
            tier=rated.tier,
            points=rated.points,
            since=since(old, rated, at),
            reasons=rated.as_json(),
            rated_at=at,
        )
        if old is None or _differs(old, after):
            changes.append(Change(old, after, _is_by_rule(old, after, earlier, facts_of(account_id), moment)))
    many.upsert(AccountRisk, [change.after for change in changes])
    moved = [change for change in changes if change.is_another_tier]
    many.insert(RiskTierChange, [_history(change) for change in moved])
    _tell([change for change in moved if not change.is_by_rule], at)
    return {change.after.pk for change in changes if change.is_by_rule}


def _earlier(rows: Iterable[AccountRisk], current: RiskModelVersion) -> dict[int, Rater]:
    """Version id → the version that made what is kept, where that is another one."""
    ids = {row.version_id for row in rows} - {current.pk}
    found = RiskModelVersion.objects.filter(pk__in=ids).prefetch_related("signals") if ids else []
    return {version.pk: Rater(version) for version in found}


def _is_by_rule(
    old: AccountRisk | None, after: AccountRisk, earlier: Mapping[int, Rater], known: Values, moment: Moment
) -> bool:
    """Whether the version that made what is kept would still say the same of the data of now."""
    if old is None:  # an account that was there before the first version was published is no news
        created = known.get("account_created_at")
        return bool(created and created < after.version.published_at <= moment.as_of)
    by_then = earlier.get(old.version_id)
    return by_then is not None and by_then.rate(known, moment).tier == old.tier


def _differs(old: AccountRisk, after: AccountRisk) -> bool:
    return any(getattr(old, name) != getattr(after, name) for name in ("version_id", "tier", "points", "reasons"))


def _history(change: Change) -> RiskTierChange:
    after = change.after
    return RiskTierChange(
        account_id=after.pk,
        at=after.rated_at,
        version_id=after.version_id,
        from_tier=change.before.tier if change.before else "",
        tier=after.tier,
        points=after.points,
        reasons=after.reasons,
        is_by_rule=change.is_by_rule,
    )


def _tell(changes: list[Change], at: dt.datetime) -> None:
    """Tells of accounts that came into another tier. A first look at a new account is no news unless it is at risk."""
    told = [change for change in changes if change.before or change.after.tier in (Tier.MEDIUM, Tier.HIGH)]
    accounts = Account.objects.in_bulk([change.after.pk for change in told]) if told else {}
    happenings = [
        Happening(
            accounts[change.after.pk],
            change.after,
            {
                "from": Tier(change.before.tier).label if change.before else "",
                "to": Tier(change.after.tier).label,
                "points": change.after.points,
            },
        )
        for change in told
    ]
    happened_to_many("risk.tier_changed", happenings, by=None, at=at)
