from accounts.portfolio.events import EventKind, Group, kinds

kinds.add(
    "identity.linked",
    EventKind(
        lambda event, people: f"Known to {event.data['source']} as {event.data['value']}", "link", group=Group.SIGNALS
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
        lambda event, people: f"No longer known to {event.data['source']} as {event.data['value']}",
        "link_off",
        group=Group.SIGNALS,
    ),
)
