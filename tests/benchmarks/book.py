"""A book of accounts with facts: random, but the same for the same size, and shaped as real books are."""

import datetime as dt
import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.db import connection, models, transaction
from django.db.models import NOT_PROVIDED

from accounts.facts.lookup import forget_custom_facts
from accounts.facts.models import AccountFacts, CustomFact
from accounts.portfolio.models import Account
from accounts.workspace.models import Workspace

AT = dt.datetime(2026, 6, 15, 9, tzinfo=dt.UTC)
TODAY = AT.date()
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
STAGES = ["onboarding", "adopting", "adopted", "expanding", "at_risk", "renewing"]
PLANS = ["free", "team", "business", "enterprise"]
MODULES = ["api", "reports", "mobile", "billing", "forecast", "audit"]
CUSTOM = {
    "seats": "number",
    "plan": "text",
    "sso": "boolean",
    "trial_ends": "date",
    "synced_at": "instant",
    "modules": "text_list",
}
FACTS = ["account_id", "active_users_30d", "active_users_change_30d", "features_used_30d", "last_active_at"]
FACTS += ["arr_minor", "contract_end_date", "closed_won_at", "stage", "custom", "day", "projected_at"]
BATCH = 5000

Row = tuple[Any, ...]


def fill(size: int) -> None:
    """Writes `size` accounts with their facts, and what these need to be read."""
    dice = random.Random(size)
    Workspace.objects.create(company="Benchmark")
    CustomFact.objects.bulk_create(
        CustomFact(key=key, label=key.title(), type=kind, meaning="A custom fact.") for key, kind in CUSTOM.items()
    )
    forget_custom_facts()
    insert(Account, ["id", "key", "name", "root_id", "created_at"], (account(n) for n in range(1, size + 1)))
    insert(AccountFacts, FACTS, (_facts(n, dice) for n in range(1, size + 1)))
    analyze()


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Writes rows past the ORM: COPY on PostgreSQL, many at a time on SQLite."""
    constant = {name: value for name, value in _constants(model).items() if name not in columns}
    names = ", ".join(f'"{name}"' for name in (*columns, *constant))
    full = ((*map(adapted, row), *constant.values()) for row in rows)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{model._meta.db_table}" ({names}) FROM STDIN') as copy:
                for row in full:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * (len(columns) + len(constant)))
        for some in batches(full, BATCH):
            cursor.executemany(f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks})', some)


def analyze() -> None:
    """Lets the planner know what there is."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def vacuum(*changed: type[models.Model]) -> None:
    """Takes away the dead rows of these tables, as a server does by itself within minutes where rounds take seconds."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM {', '.join(model._meta.db_table for model in changed)}")


def batches(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """The rows, `size` at a time."""
    some: list[Row] = []
    for row in rows:
        some.append(row)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some


def _constants(model: type[models.Model]) -> dict[str, Any]:
    """What a new row holds in the columns that may not be empty."""
    found = {}
    for field in model._meta.concrete_fields:
        if field.null or field.primary_key or (field.default is NOT_PROVIDED and not field.empty_strings_allowed):
            continue
        value = field.get_default()
        found[field.column] = json.dumps(value) if isinstance(field, models.JSONField) else value
    return found


def adapted(value: Any) -> Any:
    """Instants and dates as Django writes them into this database."""
    if isinstance(value, dt.date) and connection.vendor == "sqlite":  # asked in this order, as most values are numbers
        return str(value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value)
    return value


def account(n: int) -> Row:
    """One account: id, key, name, root and when it was created."""
    return n, f"account-{n}", f"Account {n}", n, AT - dt.timedelta(days=900)


def _facts(n: int, dice: random.Random) -> Row:
    """One row; each fact is unknown for its own share of accounts."""

    def known(share: float, value: Callable[[], Any]) -> Any:
        return value() if dice.random() < share else None

    return (
        n,
        known(0.95, lambda: int(dice.lognormvariate(3, 1.2))),
        known(0.75, lambda: round(dice.gauss(0, 0.3), 4)),
        known(0.9, lambda: dice.randint(0, 25)),
        known(0.95, lambda: _ago(dice, dice.expovariate(1 / 12))),
        known(0.85, lambda: int(dice.lognormvariate(10, 1.1)) * 100),
        known(0.8, lambda: TODAY + dt.timedelta(days=dice.randint(-60, 400))),
        known(0.85, lambda: _ago(dice, dice.uniform(0, 1500))),
        known(0.7, lambda: dice.choice(STAGES)),
        json.dumps(_custom(dice)),
        TODAY,
        AT,
    )


def _ago(dice: random.Random, days: float) -> dt.datetime:
    return AT - dt.timedelta(days=days, microseconds=dice.randrange(1000))


def _custom(dice: random.Random) -> dict[str, Any]:
    """Values as installations keep them; one in fifty is of another shape than its type says."""
    values: dict[str, Any] = {
        "seats": int(dice.lognormvariate(3, 1)),
        "plan": dice.choice(PLANS),
        "sso": dice.random() < 0.4,
        "trial_ends": (TODAY - EPOCH.date()).days + dice.randint(-90, 60),
        "synced_at": (_ago(dice, dice.expovariate(1 / 5)) - EPOCH) // dt.timedelta(microseconds=1),
        "modules": dice.sample(MODULES, dice.randint(0, 4)),
    }
    return {
        key: _malformed(key, dice) if dice.random() < 0.02 else value
        for key, value in values.items()
        if dice.random() < 0.85
    }


def _malformed(key: str, dice: random.Random) -> Any:
    return 12 if CUSTOM[key] == "text" else dice.choice(["", "12", {}, None])
