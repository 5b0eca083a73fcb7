"""The copy of what we hold about somebody: as data, or as text that is made while it is sent."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from accounts.foundation.records import Record
from accounts.portfolio.models import Account
from accounts.privacy.person import Person, Trace

CHUNK = 500


@dataclass(frozen=True)
class Copy:
    """Everything we hold about `person`: rows are read when they are asked for, a piece at a time."""

    person: Person
    traces: list[Trace]
    made_at: dt.datetime

    def plain(self) -> dict[str, Any]:
        """All of it at once, as plain JSON."""
        found: dict[str, Any] = json.loads("".join(self.text()))
        return found

    def text(self) -> Iterator[str]:
        """All of it as JSON text, row by row: it needs no more memory for many rows than for a few."""
        head = json.dumps(self._head(), cls=DjangoJSONEncoder, ensure_ascii=False)
        yield f'{head[:-1]}, "records": {{'
        for place, trace in enumerate(self.traces):
            name = json.dumps(str(trace.model._meta.verbose_name_plural), ensure_ascii=False)
            yield f"{',' if place else ''}\n{name}: ["
            yield from self._rows(trace)
            yield "]"
        yield "}}\n"

    def _head(self) -> dict[str, Any]:
        accounts = Account.objects.filter(pk__in=self.person.accounts).order_by("name").values_list("name", flat=True)
        return {"made_at": self.made_at, "names": sorted(self.person.names), "accounts": list(accounts)}

    def _rows(self, trace: Trace) -> Iterator[str]:
        for place, row in enumerate(trace.rows(self.person).order_by("pk").iterator(chunk_size=CHUNK)):
            told = json.dumps(_shown(row), cls=DjangoJSONEncoder, ensure_ascii=False)
            yield f"{',' if place else ''}\n  {told}"


def _shown(row: Record) -> dict[str, Any]:
    hidden = row.SECRET | {name for name, one in row.PERSONAL.items() if not one.export}
    fields = [f for f in row._meta.concrete_fields if not f.is_relation and f.name not in hidden]
    shown = {field.name: getattr(row, field.name) for field in fields}
    return {name: value for name, value in shown.items() if value not in (None, "", [], {})}
