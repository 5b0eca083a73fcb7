import datetime as dt
from typing import Any

from django.db import transaction

from accounts.foundation import audit, bell
from accounts.foundation.keys import key_from
from accounts.workspace.models import Source, Workspace
from accounts.workspace.queries import forget_base_currency


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
