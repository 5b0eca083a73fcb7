from collections.abc import Iterable

from accounts.identity.models import ExternalId
from accounts.workspace.models import Source


def accounts_called(values: Iterable[str], *, source: Source) -> dict[str, int]:
    """The account ids behind what `source` calls them; names it does not know are missing from the result."""
    rows = ExternalId.objects.filter(source=source, value__in=set(values))
    return dict(rows.values_list("value", "account_id"))
