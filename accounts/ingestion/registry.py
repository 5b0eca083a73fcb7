from accounts.portfolio.events import EventKind, kinds

kinds.add(
    "signals.started",
    EventKind(lambda event, people: f"First signal from {event.data['source']}", "sensors", changes_facts=True),
)
