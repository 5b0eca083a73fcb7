"""How much accounts use the product, counted over whole UTC days from what the fold keeps.

A window of n days is today, as far as it has come, and the n whole days before it; the window before it is the n whole
days before those. Nothing is counted twice.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast

from accounts.foundation.clock import utc_day
from accounts.foundation.many import among
from accounts.ingestion import ring
from accounts.ingestion.daily import Daily
from accounts.ingestion.models import AccountActivity, Feature, FeatureActivity, UserActivity
from accounts.stakeholders.models import ProductUser

WINDOW = 30
MANY_USERS = 10
"""From so many active users on, a feature must be used by two people to count."""


@dataclass
class Usage:
    """How much one account used the product."""

    source_id: int
    last_event_at: dt.datetime
    daily: Daily
    active_users: dict[int, int] = field(default_factory=lambda: {7: 0, 30: 0, 90: 0})
    """Days of the window → people."""
    active_users_before: int = 0
    """In the 30 days before the last 30."""
    users_lost: int = 0
    """Of those, the ones who were not seen in the last 30 days."""
    features: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Tier → features in regular use."""
    roles: int | None = None
    """Different roles among the people active in 30 days; None where no user's role is known."""
    teams: int | None = None


def usage(account_ids: Sequence[int], *, at: dt.datetime) -> dict[int, Usage]:
    """The use of these accounts at `at`; those whose product never told us anything are missing."""
    rows = AccountActivity.objects.filter(account__in=among(account_ids)).annotate(text=Cast("daily", TextField()))
    told = rows.values_list("account_id", "source_id", "last_event_at", "daily_until", "text")
    found = {
        account_id: Usage(source_id, last, Daily(until or 0, msgspec.json.decode(counts)))
        for account_id, source_id, last, until, counts in told
    }
    today = ring.day_number(utc_day(at))
    _count_people(found, today)
    _count_features(found, today)
    return found


def _count_people(found: dict[int, Usage], today: int) -> None:
    """People by windows, and what different roles and teams they have: all of it in one look at each of them."""
    before = _bits("word_0", today - 2 * WINDOW, today - WINDOW - 1)
    since_days = ", ".join(f"SUM(CASE WHEN last_day >= {today - days} THEN 1 ELSE 0 END)" for days in (7, 30, 90))
    different = ", ".join(
        f"CASE WHEN MAX({trait}) <> '' THEN"
        f" COUNT(DISTINCT CASE WHEN last_day >= {today - WINDOW} AND {trait} <> '' THEN {trait} END) END"
        for trait in ("role", "team")
    )
    rows = _rows(
        f"""SELECT a.account_id, {since_days},
                SUM(CASE WHEN {before} <> 0 THEN 1 ELSE 0 END),
                SUM(CASE WHEN {before} <> 0 AND last_day < {today - WINDOW} THEN 1 ELSE 0 END), {different}
            FROM {UserActivity._meta.db_table} a JOIN {ProductUser._meta.db_table} u ON u.id = a.product_user_id
            WHERE a.account_id IN {{ids}} GROUP BY a.account_id""",  # noqa: S608
        found,
    )
    for account_id, week, month, quarter, earlier, lost, roles, teams in rows:
        one = found[account_id]
        one.active_users = {7: week, 30: month, 90: quarter}
        one.active_users_before, one.users_lost, one.roles, one.teams = earlier, lost, roles, teams


def _count_features(found: dict[int, Usage], today: int) -> None:
    """Features used on two separate days, and by two people where many are active."""
    used = _bits("word_0", today - WINDOW, today)
    rows = _rows(
        f"""SELECT a.account_id, f.tier, COUNT(*),
                SUM(CASE WHEN a.second_user_day >= {today - WINDOW} THEN 1 ELSE 0 END)
            FROM {FeatureActivity._meta.db_table} a JOIN {Feature._meta.db_table} f ON f.id = a.feature_id
            WHERE a.account_id IN {{ids}} AND ({used} & ({used} - 1)) <> 0 GROUP BY a.account_id, f.tier""",  # noqa: S608
        found,
    )
    for account_id, tier, by_anybody, by_two in rows:
        one = found[account_id]
        one.features[tier] = by_two if one.active_users[30] >= MANY_USERS else by_anybody


def _bits(word: str, first: int, last: int) -> str:
    """SQL for the bits of a ring's newest word that stand for the days from `first` to `last`, both included.

    Right as long as the ring ends no later than 62 days after `last`; no window of ours reaches further back.
    """
    least, greatest = ("LEAST", "GREATEST") if connection.vendor == "postgresql" else ("MIN", "MAX")
    newest = f"{greatest}(last_day - {last}, 0)"
    count = f"{greatest}({least}(last_day, {last}) - {first} + 1, 0)"
    one = "1::bigint" if connection.vendor == "postgresql" else "1"
    return f"(({word} >> {newest}) & (({one} << {count}) - 1))"


def _rows(text: str, found: dict[int, Usage]) -> list[tuple[Any, ...]]:
    chosen = among(found)
    with connection.cursor() as cursor:
        cursor.execute(text.replace("{ids}", f"({chosen.sql})"), chosen.params)
        return cursor.fetchall()


SPIKE, WEEKS = 1.5, 8
SPIKE_USERS = 5
"""A week is a spike when it has 1.5 times the use of the 8 weeks before it (their median), and 5 users on some day."""


def spike_ended_on(daily: Daily, *, today: int) -> int | None:
    """The day after the latest whole week (Monday to Sunday, UTC) in which use spiked; None where none did.

    Only weeks count that have eight weeks of use before them: whoever just began has no usual week yet.
    """
    began = daily.last_day - len(daily.counts) + 1
    monday = today - (today + 3) % 7  # 1970-01-01 was a Thursday
    weeks = [sum(daily.between(start, start + 6)) for start in range(monday - 7 * (3 * WEEKS), monday, 7)]
    for place in range(len(weeks) - 1, WEEKS - 1, -1):
        usual = sorted(weeks[place - WEEKS : place])
        median = (usual[WEEKS // 2 - 1] + usual[WEEKS // 2]) / 2
        start = monday - 7 * (len(weeks) - place)
        if start - 7 * WEEKS + 6 < began:
            return None
        if median and weeks[place] >= SPIKE * median and max(daily.between(start, start + 6)) >= SPIKE_USERS:
            return start + 7
    return None
