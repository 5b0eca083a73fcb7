import datetime as dt
import re
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from accounts.foundation import audit, bell
from accounts.foundation.keys import key_from, short_random
from accounts.workspace.models import Source, Workspace
from accounts.workspace.queries import forget_base_currency

MOST_ALLOWED = 500
"""Entries of the allow-list; whoever writes to more wants the mode *live*."""
ADDRESS = re.compile(r"([^@\s]+@|@)?[a-z0-9-]+(\.[a-z0-9-]+)+")


@transaction.atomic
def found(*, company: str, by: Any, at: dt.datetime, **values: Any) -> Workspace:
    """Creates the one workspace row and the bells; called on first start."""
    bell.install(["pump"])
    workspace = Workspace(company=company, **values)
    workspace.full_clean()
    forget_base_currency()
    return audit.create(workspace, verb="workspace.found", by=by, at=at)


@transaction.atomic
def connect_source(
    *, key: str, by: Any, at: dt.datetime, name: str = "", kind: str = Source.Kind.PRODUCT, **values: Any
) -> Source:
    """The source called `key`, created when it is new; `values` are further fields of Source."""
    shown, key = name or key.replace("-", " ").capitalize(), key_from(key, fallback=key)
    if existing := Source.objects.filter(key=key).first():
        return existing
    source = Source(key=key, name=shown, kind=kind, **values)
    source.full_clean()
    return audit.create(source, verb="source.connect", by=by, at=at)


@transaction.atomic
def create_source(*, name: str, by: Any, at: dt.datetime, key: str = "", **values: Any) -> Source:
    """A new source; refuses a name or key that another source has. `values` are further fields of Source."""
    if Source.objects.filter(name__iexact=name.strip()).exists():
        raise ValidationError({"name": f"There is a source called {name.strip()}. Open it, or choose another name."})
    source = Source(name=name.strip(), key=key or _free_source_key(name), **values)
    source.full_clean()
    return audit.create(source, verb="source.create", by=by, at=at)


def _free_source_key(name: str) -> str:
    key = key_from(name, fallback="source")
    taken = Source.objects.filter(key=key).exists()
    return f"{key}-{short_random()}" if taken else key


@transaction.atomic
def change_source(source: Source, *, by: Any, at: dt.datetime, **values: Any) -> Source:
    """Sets the name, the kind or how long `source` may be silent. Its key stays: ids and audit name it by that."""
    fresh = Source.objects.get(pk=source.pk)
    name = values.get("name", fresh.name)
    if Source.objects.filter(name__iexact=name).exclude(pk=source.pk).exists():
        raise ValidationError({"name": f"There is another source called {name}."})
    for field, value in values.items():
        setattr(source, field, value)
    source.full_clean()
    audit.update(fresh, verb="source.change", by=by, at=at, **values)
    return fresh


@transaction.atomic
def set_outbound(*, mode: str, allowed: Collection[str], by: Any, at: dt.datetime) -> Workspace:
    """Says to whom the installation may send; `allowed` are addresses and domains for the allow-list."""
    workspace = Workspace.objects.select_for_update().first()
    if workspace is None:
        raise ValidationError("There is no workspace yet; it is made on first start.")
    if mode not in Workspace.OutboundMode.values:
        raise ValidationError({"mode": f"Choose one of {', '.join(Workspace.OutboundMode.values)}."})
    listed = sorted({entry.strip().lower() for entry in allowed if entry.strip()})
    for entry in listed:
        if not ADDRESS.fullmatch(entry):
            raise ValidationError({"allowed": f"{entry} is neither an e-mail address nor a domain."})
    if len(listed) > MOST_ALLOWED:
        raise ValidationError(
            {"allowed": f"At most {MOST_ALLOWED} entries; here are {len(listed)}. Name domains instead."}
        )
    if mode == Workspace.OutboundMode.ALLOWLIST and not listed:
        raise ValidationError({"allowed": "Name at least one address or domain that may be written to."})
    audit.update(workspace, verb="workspace.set_outbound", by=by, at=at, outbound_mode=mode, outbound_allowed=listed)
    bell.ring()
    return workspace


def note_delivery(source: Source, *, at: dt.datetime) -> None:
    """Notes that `source` has told us something, for anybody. A late note does not move it back."""
    heard_before = Q(last_delivery_at=None) | Q(last_delivery_at__lt=at)
    Source.objects.filter(heard_before, pk=source.pk).update(last_delivery_at=at)


def note_demo_told(workspace: Workspace, *, until: dt.datetime) -> None:
    """Notes how far the pulse of the demo has come. It moves every few minutes, so the trail does not keep it."""
    workspace.demo_told_until = until
    workspace.save(update_fields=["demo_told_until"])
