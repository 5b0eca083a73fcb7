"""Who must sign in in two steps, as administrators decide."""

import datetime as dt
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.foundation import audit
from accounts.sign_in.models import FactorRule
from accounts.team.models import Role, User

_KEPT_S = 10.0


@dataclass(frozen=True)
class Rules:
    """For whom two steps are demanded."""

    everybody: bool = False
    roles: frozenset[int] = frozenset()

    def bind(self, user: User) -> bool:
        """Whether `user` must sign in in two steps."""
        return self.everybody or user.role_id in self.roles


_known: list[tuple[float, Rules]] = []


def rules() -> Rules:
    """The rules that hold; kept for seconds in each process, because every request asks."""
    if not _known or time.monotonic() - _known[0][0] > _KEPT_S:
        rows = list(FactorRule.objects.values_list("everybody", "role"))
        everybody = any(whole for whole, _ in rows)
        _known[:] = [(time.monotonic(), Rules(everybody, frozenset(role for _, role in rows if role)))]
    return _known[0][1]


@transaction.atomic
def demand(*, everybody: bool, roles: Collection[Role], by: Any, at: dt.datetime) -> None:
    """Demands two steps of everybody, or of people of exactly these roles. It holds from each one's next page on."""
    known = {row.role_id: row for row in FactorRule.objects.select_for_update()}
    wanted: dict[int | None, Role | None] = {role.pk: role for role in roles}
    if everybody:
        wanted[None] = None
    for key in known.keys() - wanted.keys():
        audit.delete(known[key], verb="factor_rule.remove", by=by, at=at)
    for key in wanted.keys() - known.keys():
        rule = FactorRule(role=wanted[key], everybody=key is None)
        audit.create(rule, verb="factor_rule.add", by=by, at=at)
    transaction.on_commit(_known.clear)
    _known.clear()
