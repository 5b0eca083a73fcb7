from accounts.foundation import money
from accounts.portfolio.events import EventKind, kinds

kinds.add(
    "contract.signed",
    EventKind(
        lambda event, people: f"Contract signed, {money.shown(event.data['arr'], event.data['currency'])} a year",
        "contract",
        changes_facts=True,
    ),
)
kinds.add(
    "contract.cancelled",
    EventKind(lambda event, people: f"Notice given, runs until {event.data['until']}", "cancel", changes_facts=True),
)
