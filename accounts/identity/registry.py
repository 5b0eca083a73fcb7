from accounts.portfolio.events import EventKind, Group, kinds
from accounts.portfolio.models import AccountEvent


def _source(event: AccountEvent) -> str:
    """What people call the source; events of earlier versions know its key only."""
    return str(event.data.get("source_name") or event.data["source"])


kinds.add(
    "identity.linked",
    EventKind(
        lambda event, people: f"Known to {_source(event)} as {event.data['value']}",
        "link",
        changes_facts=True,
        group=Group.SIGNALS,
    ),
)
kinds.add(
    "account.merged",
    EventKind(
        lambda event, people: f"{event.data['name']} turned out to be the same account", "merge", changes_facts=True
    ),
)
kinds.add(
    "identity.unlinked",
    EventKind(
        lambda event, people: f"No longer known to {_source(event)} as {event.data['value']}",
        "link_off",
        changes_facts=True,
        group=Group.SIGNALS,
    ),
)
