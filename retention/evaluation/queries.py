import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

from accounts.facts.models import AccountFacts
from accounts.facts.registry import readers
from accounts.foundation.many import among
from accounts.portfolio.models import Account
from accounts.portfolio.queries import listed
from accounts.workspace.queries import base_currency, today
from retention.conditions.comparing import Moment
from retention.conditions.evaluate import compile_closure
from retention.conditions.language import Condition, hold_key, holds
from retention.conditions.refusal import ConditionRefused, Problem
from retention.conditions.sql import compile_sql
from retention.evaluation.columns import FACTS, STANDING, columns, dialect
from retention.evaluation.known import facts_of, watched_holds
from retention.evaluation.models import HOLD, WORD, Standing, Watch
from retention.evaluation.rules import rules
from retention.evaluation.standings import LONG_AGO

CHUNK = 2000


def true_watches(account_ids: Iterable[int], *, watches: Iterable[Watch]) -> dict[int, set[int]]:
    """Account id → the ids of those of `watches` that are true for it now."""
    places = [(watch.pk, *divmod(watch.slot, WORD)) for watch in watches if watch.slot is not None]
    words = sorted({word for _, word, _ in places})
    found: dict[int, set[int]] = {account_id: set() for account_id in account_ids}
    rows = Standing.objects.filter(pk__in=among(found)).values_list("pk", *(f"true_{word}" for word in words))
    for account_id, *values in rows:
        bits = dict(zip(words, values, strict=True))
        found[account_id] = {pk for pk, word, bit in places if bits[word] >> bit & 1}
    return found


@readers.register("watches")
def rules_that_read(key: str) -> list[str]:
    """The names of the rules in force that read a fact, such as `play usage_drop`."""
    ready, _ = rules(Watch.objects.filter(active=True).exclude(reader=HOLD))
    return sorted({one.watch.key.replace(":", " ") for one in ready if key in one.asked.reads})


def known_facts(account: Account) -> dict[str, Any]:
    """Everything that rules see of one account now: its facts, and since when held comparisons are true."""
    return facts_of([account.pk], watched_holds(), currency=base_currency()).get(account.pk, {})


def moment(at: dt.datetime) -> Moment:
    """The instant with the date that it is here."""
    return Moment(as_of=at, today=today(at))


def accounts_that_meet(condition: Condition, *, at: dt.datetime) -> Iterator[str]:
    """The keys of the listed accounts whose facts make `condition` true at `at`, in the order of their creation.

    Unknown is not true. Raises ConditionRefused where the condition asks for a duration that nobody follows.
    """
    for _, found in chunks_that_meet(condition, at=at):
        yield from listed().filter(pk__in=found).order_by("pk").values_list("key", flat=True)


def chunks_that_meet(condition: Condition, *, at: dt.datetime, after: int = 0) -> Iterator[tuple[int, list[int]]]:
    """The same by their ids above `after`, a bounded number at a time, each time with the id up to which was looked.

    Archived and merged accounts are among them.
    """
    _refuse_unwatched(condition)
    known = columns(Watch.objects.filter(reader=HOLD, active=True))
    sql = compile_sql(condition, known, dialect()).at(moment(at))
    last, facts, standing = after, AccountFacts._meta.db_table, Standing._meta.db_table
    text = (
        f'SELECT {FACTS}.account_id FROM "{facts}" {FACTS} '
        f'LEFT JOIN "{standing}" {STANDING} ON {STANDING}.account_id = {FACTS}.account_id '
        f"WHERE {FACTS}.account_id > %s AND ({sql.text}) ORDER BY {FACTS}.account_id LIMIT {CHUNK}"
    )
    while ids := _ids(text, [last, *sql.params]):
        last = ids[-1]
        yield last, _seen_for_long_enough(condition, ids, at) if any(holds(condition)) else ids


def _seen_for_long_enough(condition: Condition, account_ids: list[int], at: dt.datetime) -> list[int]:
    """Those for which it is true without taking for granted what was true already at the first look."""
    answer, now = compile_closure(condition), moment(at)
    known = facts_of(account_ids, watched_holds(), currency=base_currency())
    return [
        pk for pk, facts in known.items() if answer({key: _seen(value) for key, value in facts.items()}, now) is True
    ]


def _seen(value: Any) -> Any:
    return None if value == LONG_AGO else value


def _ids(text: str, params: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        return [row[0] for row in cursor.fetchall()]


def _refuse_unwatched(condition: Condition) -> None:
    followed = set(watched_holds().values())
    if any(hold_key(held.node) not in followed for held in holds(condition)):
        trouble = "asks since when a comparison is true, which is known only of those that an active rule follows"
        raise ConditionRefused([Problem("$", f"{trouble}; remove heldFor, or watch it with a play first")])


def progress(watch: Watch) -> float:
    """How much of the book `watch` is ready for, from 0 to 1."""
    if not watch.preparing or not watch.prepare_until:
        return 1.0
    return watch.prepared_to / watch.prepare_until
