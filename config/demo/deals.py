"""The contracts behind each story: terms, amounts, renewals, notice."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from dateutil.relativedelta import relativedelta

from config.demo.companies import Company
from config.demo.stories import Deal

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Term:
    """One contract: for how much and how long, signed when, instead of which earlier one of the list."""

    arr: int
    """Whole units of the base currency a year."""
    signed_on: dt.date
    starts_on: dt.date
    ends_on: dt.date
    seats: int
    auto_renews: bool = False
    notice_days: int = 60
    replaces: int | None = None
    cancelled_on: dt.date | None = None


def later(day: dt.date, *, months: int) -> dt.date:
    """The same day so many months later."""
    return day + relativedelta(months=months)


def terms(deal: Deal, company: Company, *, today: dt.date, rng: Random) -> list[Term]:
    """The contracts of one account in the order in which they were signed."""
    return _WRITTEN[deal](company, today, rng)


def _term(company: Company, *, ends_on: dt.date, months: int, rng: Random, lead: tuple[int, int] = (6, 35)) -> Term:
    """One term up to `ends_on`, priced for the size of the company."""
    starts_on = later(ends_on + DAY, months=-months)
    size = _seats(company, rng)
    return Term(
        arr=_arr(size, rng),
        signed_on=starts_on - dt.timedelta(days=rng.randint(*lead)),
        starts_on=starts_on,
        ends_on=ends_on,
        seats=max(5, round(size * 0.4 / 5) * 5),  # so that about half of what was sold is in use
        auto_renews=rng.random() < 0.3,
        notice_days=rng.choice((30, 60, 60, 90)),
    )


def _seats(company: Company, rng: Random) -> int:
    seats = company.employees**0.58 * rng.uniform(0.8, 1.3)
    return max(5, round(seats / 5) * 5)


def _arr(seats: int, rng: Random) -> int:
    """A price per seat with a discount for many, rounded as price lists are."""
    amount = seats**0.94 * rng.uniform(560, 980)
    step = 500 if amount < 20_000 else 1_000 if amount < 100_000 else 5_000
    return max(3_000, round(amount / step) * step)


def _scaled(term: Term, factor: float) -> Term:
    step = 500 if term.arr < 20_000 else 1_000
    return replace(
        term, arr=max(step, round(term.arr * factor / step) * step), seats=max(5, round(term.seats * factor / 5) * 5)
    )


def _with_history(last: Term, *, rng: Random, years: int) -> list[Term]:
    """`last` after so many yearly terms before it, each a little smaller than the next or as large."""
    found = [last]
    for _ in range(years):
        first = found[0]
        ends_on = first.starts_on - DAY
        starts_on = later(first.starts_on, months=-12)
        signed_on = starts_on - dt.timedelta(days=rng.randint(6, 40))
        earlier = replace(first, starts_on=starts_on, ends_on=ends_on, signed_on=signed_on, cancelled_on=None)
        found.insert(0, _scaled(earlier, rng.choice((1.0, 1.0, 0.9, 0.85))))
    return [replace(term, replaces=place - 1 if place else None) for place, term in enumerate(found)]


def _none(company: Company, today: dt.date, rng: Random) -> list[Term]:
    return []


def _just_signed(company: Company, today: dt.date, rng: Random) -> list[Term]:
    starts_on = today - dt.timedelta(days=rng.randint(30, 40))
    return [_term(company, ends_on=later(starts_on, months=12) - DAY, months=12, rng=rng, lead=(3, 12))]


def _first_year(company: Company, today: dt.date, rng: Random) -> list[Term]:
    return [_term(company, ends_on=today + dt.timedelta(days=rng.randint(125, 220)), months=12, rng=rng)]


def _renewed(company: Company, today: dt.date, rng: Random) -> list[Term]:
    last = _term(company, ends_on=today + dt.timedelta(days=rng.randint(130, 330)), months=12, rng=rng)
    return _with_history(last, rng=rng, years=rng.randint(1, 3))


def _multi_year(company: Company, today: dt.date, rng: Random) -> list[Term]:
    months = rng.choice((24, 36))
    last = _term(company, ends_on=today + dt.timedelta(days=rng.randint(150, 500)), months=months, rng=rng)
    return _with_history(last, rng=rng, years=rng.randint(0, 1))


def _due(company: Company, today: dt.date, rng: Random) -> list[Term]:
    last = _term(company, ends_on=today + dt.timedelta(days=rng.randint(18, 110)), months=12, rng=rng)
    return _with_history(last, rng=rng, years=rng.randint(0, 2))


def _late(company: Company, today: dt.date, rng: Random) -> list[Term]:
    last = _term(company, ends_on=today - dt.timedelta(days=rng.randint(4, 20)), months=12, rng=rng)
    return _with_history(replace(last, auto_renews=False), rng=rng, years=1)


def _notice(company: Company, today: dt.date, rng: Random) -> list[Term]:
    last = _term(company, ends_on=today + dt.timedelta(days=rng.randint(40, 70)), months=12, rng=rng)
    return _with_history(replace(last, cancelled_on=today - dt.timedelta(days=16)), rng=rng, years=1)


def _ended(company: Company, today: dt.date, rng: Random) -> list[Term]:
    last = _term(company, ends_on=today - dt.timedelta(days=rng.randint(66, 84)), months=12, rng=rng)
    return _with_history(replace(last, cancelled_on=last.ends_on - dt.timedelta(days=75)), rng=rng, years=1)


def _grew(company: Company, today: dt.date, rng: Random) -> list[Term]:
    whole = _term(company, ends_on=today + dt.timedelta(days=rng.randint(130, 240)), months=12, rng=rng)
    return [whole, _changed(whole, rng.uniform(1.25, 1.5), after=rng.randint(40, 110), place=0)]


def _shrank_then_grew(company: Company, today: dt.date, rng: Random) -> list[Term]:
    first = _term(company, ends_on=today + dt.timedelta(days=170), months=24, rng=rng)
    smaller = _changed(first, 0.6, after=210, place=0)
    return [first, smaller, _changed(smaller, 2.2, after=240, place=1)]


def _changed(term: Term, factor: float, *, after: int, place: int) -> Term:
    """The contract of another size that replaces `term` so many days into it and runs to the same end."""
    starts_on = term.starts_on + dt.timedelta(days=after)
    signed_on = starts_on - dt.timedelta(days=9)
    return replace(_scaled(term, factor), starts_on=starts_on, signed_on=signed_on, replaces=place)


def _two(company: Company, today: dt.date, rng: Random) -> list[Term]:
    first = _term(company, ends_on=today + dt.timedelta(days=rng.randint(140, 220)), months=12, rng=rng)
    second = _term(company, ends_on=today + dt.timedelta(days=rng.randint(200, 320)), months=12, rng=rng)
    return sorted([first, _scaled(second, 0.4)], key=lambda term: term.signed_on)


_WRITTEN: dict[Deal, Callable[[Company, dt.date, Random], list[Term]]] = {
    Deal.NONE: _none,
    Deal.JUST_SIGNED: _just_signed,
    Deal.FIRST_YEAR: _first_year,
    Deal.RENEWED: _renewed,
    Deal.MULTI_YEAR: _multi_year,
    Deal.DUE: _due,
    Deal.LATE: _late,
    Deal.NOTICE: _notice,
    Deal.ENDED: _ended,
    Deal.GREW: _grew,
    Deal.TWO: _two,
    Deal.SHRANK_THEN_GREW: _shrank_then_grew,
}
