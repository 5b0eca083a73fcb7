"""How much accounts use the product, counted over whole UTC days from what the fold keeps.

A window of n days is today, as far as it has come, and the n whole days before it; the window before it is the n whole
days before those. Nothing is counted twice.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db import connection

from accounts.foundation.clock import utc_day
from accounts.foundation.many import among
from accounts.ingestion import ring
from accounts.ingestion.daily import Daily
from accounts.ingestion.models import AccountActivity, Feature, FeatureActivity, UserActivity
from accounts.stakeholders.models import ProductUser

WINDOW = 30
MANY_USERS = 10
"""From so many active users on, a feature must be used by two people to count."""


@dataclass(slots=True)
class Usage:
    """How much one account used the product."""

    source_id: int
    last_event_at: dt.datetime
    daily: Daily
    active_users: dict[int, int]
    """Days of the window → people."""
    active_users_before: int
    """In the 30 days before the last 30."""
    users_lost: int
    """Of those, the ones who were not seen in the last 30 days."""
    roles: int | None
    """Different roles among the people active in 30 days; None where no user's role is known."""
    teams: int | None
    features: dict[str, int]
    """Tier → features in regular use."""


def usage(account_ids: Sequence[int], *, at: dt.datetime) -> dict[int, Usage]:
    """The use of these accounts at `at`; those whose product never told us anything are missing."""
    today = ring.day_number(utc_day(at))
    people, features = _people(account_ids, today), _features(account_ids, today)
    rows = _rows(
        f"""SELECT account_id, source_id, last_event_at, daily_until, CAST(daily AS text)
            FROM {AccountActivity._meta.db_table} WHERE account_id {{each}}""",  # noqa: S608
        account_ids,
    )
    found = {}
    for account_id, source_id, last, until, counts in rows:
        week, month, quarter, before, lost, roles, teams = people.get(account_id, NOBODY)
        used = {tier: by_two if month >= MANY_USERS else by_any for tier, by_any, by_two in features[account_id]}
        last_event_at = last if last.tzinfo else last.replace(tzinfo=dt.UTC)  # SQLite keeps no zone
        daily, active = Daily(until or 0, _counts.decode(counts)), {7: week, 30: month, 90: quarter}
        found[account_id] = Usage(source_id, last_event_at, daily, active, before, lost, roles, teams, used)
    return found


_counts = msgspec.json.Decoder(list[int])
NOBODY = (0, 0, 0, 0, 0, None, None)


def _people(account_ids: Sequence[int], today: int) -> dict[int, tuple[Any, ...]]:
    """People by windows, and what different roles and teams they have: all of it in one look at each of them."""
    before = f"{_bits('word_0', today - 2 * WINDOW, today - WINDOW - 1)} <> 0"
    conditions = [f"last_day >= {today - days}" for days in (7, 30, 90)]
    conditions += [before, f"last_day < {today - WINDOW} AND {before}"]
    counted = ", ".join(f"COUNT(*) FILTER (WHERE {condition})" for condition in conditions)
    different = ", ".join(
        f"CASE WHEN MAX({trait}) <> '' THEN"
        f" COUNT(DISTINCT {trait}) FILTER (WHERE last_day >= {today - WINDOW} AND {trait} <> '') END"
        for trait in ("role", "team")
    )
    rows = _rows(
        f"""SELECT a.account_id, {counted}, {different}
            FROM {UserActivity._meta.db_table} a JOIN {ProductUser._meta.db_table} u ON u.id = a.product_user_id
            WHERE a.account_id {{of these}} GROUP BY a.account_id""",  # noqa: S608
        account_ids,
    )
    return {row[0]: row[1:] for row in rows}


def _features(account_ids: Sequence[int], today: int) -> dict[int, list[tuple[str, int, int]]]:
    """By tier, the features used on two separate days, and those of them that two people used."""
    used = _bits("word_0", today - WINDOW, today)
    rows = _rows(
        f"""SELECT a.account_id, f.tier, COUNT(*), COUNT(*) FILTER (WHERE a.second_user_day >= {today - WINDOW})
            FROM {FeatureActivity._meta.db_table} a JOIN {Feature._meta.db_table} f ON f.id = a.feature_id
            WHERE a.account_id {{each}} AND ({used} & ({used} - 1)) <> 0 GROUP BY a.account_id, f.tier""",  # noqa: S608
        account_ids,
    )
    found: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    for account_id, tier, by_any, by_two in rows:
        found[account_id].append((tier, by_any, by_two))
    return found


def _bits(word: str, first: int, last: int) -> str:
    """SQL for the bits of a ring's newest word that stand for the days from `first` to `last`, both included.

    Right as long as the ring ends no later than 62 days after `last`; no window of ours reaches further back.
    """
    least, greatest = ("LEAST", "GREATEST") if connection.vendor == "postgresql" else ("MIN", "MAX")
    newest = f"{greatest}(last_day - {last}, 0)"
    count = f"{greatest}({least}(last_day, {last}) - {first} + 1, 0)"
    one = "1::bigint" if connection.vendor == "postgresql" else "1"
    return f"(({word} >> {newest}) & (({one} << {count}) - 1))"


def _rows(text: str, account_ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """The rows of these accounts.

    `{each}` finds them one by one in an index, in its order. `{of these}` does so as well, and lets PostgreSQL expect
    few rows: expecting more, it reads the whole of a large table that is joined.
    """
    chosen = among(account_ids)
    each = "= ANY(%s::bigint[])" if connection.vendor == "postgresql" else f"IN ({chosen.sql})"
    with connection.cursor() as cursor:
        cursor.execute(text.replace("{each}", each).replace("{of these}", f"IN ({chosen.sql})"), chosen.params)
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
    days = daily.between(monday - 7 * (3 * WEEKS), monday - 1)
    weeks = [sum(days[first : first + 7]) for first in range(0, len(days), 7)]
    for place in range(len(weeks) - 1, WEEKS - 1, -1):
        usual = sorted(weeks[place - WEEKS : place])
        median = (usual[WEEKS // 2 - 1] + usual[WEEKS // 2]) / 2
        start = monday - 7 * (len(weeks) - place)
        if start - 7 * WEEKS + 6 < began:
            return None
        if median and weeks[place] >= SPIKE * median and max(days[7 * place : 7 * place + 7]) >= SPIKE_USERS:
            return start + 7
    return None
