"""Connecting a source: the row and the key with which it sends, in one step."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.ingestion.sources.queries import write_keys
from accounts.team import keys
from accounts.team.models import ApiKey
from accounts.workspace import services as workspace
from accounts.workspace.models import Source


@transaction.atomic
def connect(*, name: str, by: Any, at: dt.datetime, **values: Any) -> tuple[Source, str]:
    """A new source with its first write key, whose text nobody can read again."""
    source = workspace.create_source(name=name, by=by, at=at, **values)
    return source, new_key(source, by=by, at=at)


@transaction.atomic
def new_key(source: Source, *, by: Any, at: dt.datetime, only: bool = False, instead_of: int | None = None) -> str:
    """A further write key of `source`; with `only` the earlier ones end at once.

    `instead_of` is the newest key that the asker saw: a form that is sent twice would else end the key it just made.
    """
    Source.objects.select_for_update().get(pk=source.pk)
    earlier = [key for key in write_keys(source) if key.revoked_at is None]
    newest = max((key.pk for key in earlier), default=None)
    if instead_of is not None and newest != instead_of:
        raise ValidationError("Somebody made another key meanwhile; look at the keys before you make one more.")
    _, text = keys.issue(name=f"{source.name}"[:100], scope=ApiKey.Scope.INGEST, source=source, by=by, at=at)
    if only:
        for key in earlier:
            keys.revoke(key, by=by, at=at)
    return text
