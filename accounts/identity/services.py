import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from accounts.identity.models import ExternalId
from accounts.portfolio.events import happened
from accounts.portfolio.models import Account
from accounts.workspace.models import Source


@transaction.atomic
def link(account: Account, *, source: Source, value: str, by: Any, at: dt.datetime) -> ExternalId:
    """Says that `source` calls `account` by `value`; refuses an id that names another account."""
    value = value.replace("\x00", "").strip()  # as signals are read: a space nobody sees would never match
    existing = ExternalId.objects.filter(source=source, value=value).first()
    if existing and existing.account_id == account.pk:
        return existing
    if existing:
        raise ValidationError(
            {"external_ids": f"{source.key} already calls another account {value!r}. Unlink it there first."}
        )
    external_id = ExternalId(account=account, source=source, value=value)
    external_id.full_clean()
    audit.create(external_id, verb="identity.link", by=by, at=at)
    happened("identity.linked", account, by=by, at=at, subject=external_id, **_told(external_id))
    return external_id


@transaction.atomic
def unlink(external_id: ExternalId, *, by: Any, at: dt.datetime) -> None:
    """Forgets what a source calls an account. Signals that came under that id stay where they were counted."""
    happened("identity.unlinked", external_id.account, by=by, at=at, **_told(external_id))
    audit.delete(external_id, verb="identity.unlink", by=by, at=at)


def _told(external_id: ExternalId) -> dict[str, Any]:
    """An id as the ledger of events keeps it: the source by its key for machines, by its name for people."""
    source = external_id.source
    return {"source": source.key, "source_name": source.name, "value": external_id.value}
