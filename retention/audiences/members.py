"""The members of an audience as its page and its file list them: narrowed by what the address asks."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

from accounts.team.models import User
from retention.audiences.drafts import ROLES
from retention.audiences.models import Audience
from retention.audiences.queries import LEFT_OUT, left_out, members

LONGEST = 100
"""Characters that are searched for."""


class Members:
    """Who is in an audience and has `q` in a name or address, and plays `role`; or, with `out`, who is left out."""

    def __init__(self, audience: Audience, asked: Mapping[str, str], *, user: User, at: dt.datetime) -> None:
        self.audience, self.user, self.at = audience, user, at
        self.q = asked.get("q", "").replace("\x00", "").strip()[:LONGEST]
        self.role = asked["role"] if asked.get("role") in ROLES else ""
        self.out = asked["out"] if asked.get("out") in LEFT_OUT else ""

    @property
    def reason(self) -> str:
        """Why those who are listed are left out; empty for those who are in."""
        return LEFT_OUT.get(self.out, "")

    @property
    def query(self) -> str:
        """What the address asks, to be kept on the next page."""
        return urlencode({name: value for name, value in self.asked.items() if value})

    @property
    def asked(self) -> dict[str, str]:
        """What the list is narrowed by."""
        return {"q": self.q, "role": self.role, "out": self.out}

    def rows(self) -> QuerySet[Any]:
        """The people, by account and name."""
        seen: dict[str, Any] = {"user": self.user, "at": self.at}
        rows = left_out(self.audience, self.out, **seen) if self.out else members(self.audience, **seen)
        if self.role:
            rows = rows.filter(roles__role=self.role)
        for word in self.q.split():
            named = Q(name__icontains=word) | Q(email__icontains=word) | Q(account__name__icontains=word)
            rows = rows.filter(named)
        return rows.order_by("account__name", "account", "name", "pk")
