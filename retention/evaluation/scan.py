"""Asking rules of many accounts: who differs from what is known of them, and how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from retention.conditions.comparing import Moment
from retention.conditions.sql import Column
from retention.evaluation.rules import Rule
from retention.evaluation.statement import Scope, statement

SIDE_BY_SIDE = "SET LOCAL min_parallel_table_scan_size = 0; SET LOCAL min_parallel_index_scan_size = 0"
"""A chunk is little to read and much to compute, which PostgreSQL would not give to several processes by itself."""


@dataclass
class Bits:
    """One word of an account: the state before, what turns now, and what is only held."""

    true: int
    held: int
    turned: int
    unknown: int


@dataclass
class Found:
    """One account where something differs from its standing. Instants and dates are text as the database writes it."""

    account_id: int
    bits: dict[int, Bits]
    wake_at: str | None
    wake_on: str | None


def scan(
    rules: Sequence[Rule],
    scope: Scope,
    *,
    columns: Mapping[str, Column],
    moment: Moment,
    waking: Sequence[Rule] | None = None,
) -> list[Found]:
    """The accounts in `scope` whose standing differs from what `rules` say at `moment`.

    With `waking`, also those whose next instant differs, over all conditions of these rules.
    """
    text, params = statement(rules, scope, columns=columns, moment=moment, waking=waking)
    words = sorted({one.word for one in rules})
    return [_found(row, words) for row in _fetched(text, params, is_large=scope.is_range)]


def _fetched(text: str, params: Sequence[Any], *, is_large: bool) -> list[Sequence[Any]]:
    if not is_large or connection.vendor != "postgresql":  # on SQLite a transaction would take the write lock
        return _rows(text, params)
    with transaction.atomic():
        _run(SIDE_BY_SIDE)
        return _rows(text, params)


def _rows(text: str, params: Sequence[Any]) -> list[Sequence[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        return cursor.fetchall()


def _run(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)


def _found(row: Sequence[Any], words: Sequence[int]) -> Found:
    bits = {word: Bits(*row[4 * place + 3 : 4 * place + 7]) for place, word in enumerate(words)}
    return Found(row[0], bits, row[1], row[2])


def parted(found: Sequence[Found], masks: Mapping[int, int]) -> tuple[list[Found], list[Found]]:
    """The accounts that differ in these bits (word → bits), reduced to them; and the others, as they are."""
    here, others = [], []
    for one in found:
        bits = {word: _reduced(one.bits[word], mask) for word, mask in masks.items()}
        if any(some.turned or some.unknown != some.held & masks[word] for word, some in bits.items()):
            here.append(Found(one.account_id, bits, one.wake_at, one.wake_on))
        else:
            others.append(one)
    return here, others


def _reduced(bits: Bits, mask: int) -> Bits:
    return Bits(bits.true, bits.held, bits.turned & mask, bits.unknown & mask)
