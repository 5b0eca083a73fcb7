"""What was found, told to people: each finding with an account for which it is so."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from accounts.facts.lookup import find
from accounts.facts.queries import condition_labels
from accounts.facts.wording import shown
from accounts.workspace.queries import base_currency
from retention.conditions.comparing import Moment
from retention.segments.linting import Finding, Findings, Kind
from retention.segments.space import OTHER


def told(finding: Finding, names: Sequence[str], moment: Moment, *, is_proven: bool) -> str:
    """One finding as a sentence that says what to do."""
    one, *others = [f"“{names[place]}”" for place in finding.places] or [""]
    example = in_words(finding.example, moment)
    if finding.kind is Kind.GAP:
        return f"An account with {example} belongs nowhere. Widen a segment, or add one for such accounts."
    if finding.kind is Kind.NOWHERE:
        return (
            f"An account with {example} belongs nowhere, because nobody can tell. "
            "Add a last segment without a condition, for what is unknown."
        )
    if finding.kind is Kind.UNREACHABLE and not is_proven:
        return f"No account that was tried is in {one}. Look whether those before it take all of its accounts."
    if finding.kind is Kind.UNREACHABLE:
        return f"No account can ever be in {one}: those before it take all of its accounts. Move it up, or remove it."
    listed = f"{', '.join(others[:-1])} and {others[-1]}" if len(others) > 1 else others[0]
    return f"{one} comes first and takes accounts that also fit {listed}, such as one with {example}."


def extent(findings: Findings) -> str:
    """How much of what is possible was looked at."""
    if findings.is_proven:
        return f"Proven over all {findings.cells:,} combinations of what the conditions tell apart."
    return f"Not proven: of {findings.cells:,} combinations only some were tried."


def in_words(cell: Mapping[str, Any], moment: Moment) -> str:
    """An invented account: Employees 0, Closed won 30 days ago, ARR unknown."""
    labels, currency = condition_labels(), base_currency()
    parts = [f"{labels[key]} {_value(key, value, moment, currency)}" for key, value in cell.items() if key in labels]
    return ", ".join(parts) or "these facts"


def _value(key: str, value: Any, moment: Moment, currency: str) -> str:
    if value == OTHER or value == []:
        return OTHER if value else "empty"
    if isinstance(value, dt.date) and find(key):
        return _off(value, moment)
    return shown(key, value, currency=currency)


def _off(value: dt.date, moment: Moment) -> str:
    """How far off a moment is, as windows count: 30 days ago, almost 30 days ago."""
    if isinstance(value, dt.datetime):
        seconds = round((moment.as_of - value).total_seconds())
        days, rest = divmod(abs(seconds), 86_400)
        if rest and 86_400 - rest <= 60:
            return _ago(days + 1, is_past=seconds > 0, how="almost ")
        return _ago(days, is_past=seconds > 0, how="just over " if rest else "")
    days = (moment.today - value).days
    return _ago(abs(days), is_past=days > 0, how="")


def _ago(days: int, *, is_past: bool, how: str) -> str:
    if not days:
        return "a moment ago" if is_past and how else "in a moment" if how else "today"
    unit = "1 day" if days == 1 else f"{days} days"
    return f"{how}{unit} ago" if is_past else f"in {how}{unit}"
