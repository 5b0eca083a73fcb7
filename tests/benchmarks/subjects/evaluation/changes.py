"""What happens to facts from one pass to the next: people come and go a little, contracts hardly move."""

import datetime as dt
import random
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from accounts.facts.models import AccountFacts
from tests.benchmarks.book import AT, adapted

NAMES = ["active_users_30d", "active_users_change_30d", "features_used_30d", "last_active_at", "arr_minor"]
RECENT = AT - dt.timedelta(days=3)


def change(ids: Sequence[int], dice: random.Random) -> None:
    """Writes new facts for these accounts, of which about one in five is news to a rule. What is unknown stays so."""
    rows = []
    for start in range(0, len(ids), 500):
        some = AccountFacts.objects.filter(pk__in=ids[start : start + 500]).order_by("pk")
        rows += [_moved(row, dice) for row in some.values_list(*NAMES, "pk")]
    sets = ", ".join(f"{name} = %s" for name in NAMES)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(f"UPDATE accounts_accountfacts SET {sets} WHERE account_id = %s", rows)


def _moved(row: Sequence[Any], dice: random.Random) -> list[Any]:
    users, share, features, seen, arr, account_id = row
    if users is not None:
        users = max(0, users + dice.choice([-1, -1, 0, 1, 1, 2]))
    if share is not None:
        share = round(share + dice.gauss(0, 0.02), 4)
    if features is not None and dice.random() < 0.1:
        features = max(0, features + dice.choice([-1, 1]))
    if seen is not None and (seen > RECENT or dice.random() < 0.05):
        seen = AT - dt.timedelta(minutes=dice.randrange(1, 600))
    if arr is not None and dice.random() < 0.05:
        arr = round(arr * dice.uniform(0.9, 1.3))
    return [users, share, features, adapted(seen), arr, account_id]
