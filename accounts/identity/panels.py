"""What each source calls the account, on the account page."""

from typing import Any

from accounts.identity.models import ExternalId
from accounts.portfolio.models import Account, AccountEvent
from accounts.portfolio.registry import Panel, panels
from accounts.team.models import User
from accounts.workspace.models import Source


def _known_as(account: Account, user: User) -> dict[str, Any]:
    names = list(ExternalId.objects.filter(account=account).select_related("source"))
    linked = AccountEvent.objects.filter(account=account, kind="identity.linked").values_list("subject", "at")
    since = dict(linked.order_by("at"))
    may_edit = user.may_edit(ExternalId.AREA)
    return {
        "names": [(name, since.get(f"externalid:{name.pk}")) for name in names],
        "account": account,
        "sources": list(Source.objects.all()) if may_edit else [],
        "may_edit": may_edit,
    }


panels.add("known as", Panel("Known as", "accounts/panels/known_as.html", _known_as, order=70))
