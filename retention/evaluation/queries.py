import datetime as dt
from collections.abc import Iterable, Iterator

from accounts.facts.queries import known_accounts, rows_of, values
from accounts.portfolio.queries import listed
from accounts.workspace.queries import base_currency, today
from retention.conditions.comparing import Moment
from retention.conditions.evaluate import compile_closure
from retention.conditions.language import Condition
from retention.evaluation.compiled import WORD
from retention.evaluation.models import Standing, Watch


def true_watches(account_ids: Iterable[int], *, watches: Iterable[Watch]) -> dict[int, set[int]]:
    """Account id → the ids of those of `watches` that are true for it now."""
    watches = list(watches)
    found: dict[int, set[int]] = {account_id: set() for account_id in account_ids}
    for row in Standing.objects.filter(account__in=found):
        found[row.account_id] |= {
            watch.pk for watch in watches if watch.slot // WORD == row.word and row.true_bits >> (watch.slot % WORD) & 1
        }
    return found


def accounts_that_meet(condition: Condition, *, at: dt.datetime) -> Iterator[str]:
    """The keys of the listed accounts whose facts make `condition` true at `at`; unknown is not true."""
    holds, moment, currency = compile_closure(condition), Moment(as_of=at, today=today(at)), base_currency()
    for ids in known_accounts(chunk=500):
        keys = dict(listed().filter(pk__in=ids).order_by("pk").values_list("pk", "key"))
        rows = rows_of(keys)
        yield from (key for pk, key in keys.items() if holds(values(rows[pk], currency=currency), moment))
