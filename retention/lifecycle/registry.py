from collections.abc import Mapping

from accounts.portfolio.events import EventKind, kinds
from accounts.portfolio.models import AccountEvent


def _changed(event: AccountEvent, people: Mapping[int, str]) -> str:
    before, after = event.data["from"], event.data["to"]
    if not after:
        return f"Left stage {before}"
    return f"Stage changed from {before} to {after}" if before else f"Entered stage {after}"


kinds.add("stage.changed", EventKind(_changed, "flag"))
