from accounts.portfolio.events import EventKind, kinds

kinds.add(
    "identity.linked",
    EventKind(lambda event, people: f"Known to {event.data['source']} as {event.data['value']}", "link"),
)
kinds.add(
    "identity.unlinked",
    EventKind(lambda event, people: f"No longer known to {event.data['source']} as {event.data['value']}", "link_off"),
)
