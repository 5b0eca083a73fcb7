from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import Q

from retention.raci.parts import ANSWERS, WORKS, Function, Part, Raci


def _column() -> "models.CharField[str, str]":
    return models.CharField(max_length=2, choices=Part.choices, blank=True)


class WithRaci(models.Model):
    """Base of what functions share: one column each, so that the database keeps exactly one accountable."""

    raci_sales = _column()
    raci_marketing = _column()
    raci_cs = _column()
    raci_support = _column()
    raci_revops = _column()

    class Meta:
        abstract = True

    @property
    def raci(self) -> Raci:
        """Function → its part, of those that have one."""
        found = {name: getattr(self, f"raci_{name}") for name in Function.values}
        return {name: part for name, part in found.items() if part}


def columns(raci: Mapping[str, str]) -> dict[str, str]:
    """Field → value, of all five."""
    return {f"raci_{name}": raci.get(name, "") for name in Function.values}


def divided(name: str) -> models.CheckConstraint:
    """The promise that nobody has said anything, or exactly one answers for it and somebody does it."""
    fields = [f"raci_{function}" for function in Function.values]
    nobody = Q(**dict.fromkeys(fields, ""))
    return models.CheckConstraint(condition=nobody | (_exactly_one(fields) & _any(fields)), name=name)


def _exactly_one(fields: list[str]) -> Q:
    def only(one: str) -> Q:
        others = [~Q(**{f"{field}__in": ANSWERS}) for field in fields if field != one]
        found: Any = Q(**{f"{one}__in": ANSWERS})
        for other in others:
            found &= other
        return found

    return reduce(or_, [only(field) for field in fields])


def _any(fields: list[str]) -> Q:
    return reduce(or_, [Q(**{f"{field}__in": WORKS}) for field in fields])
