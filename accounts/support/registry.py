from accounts.portfolio.events import EventKind, Group, kinds


def _kind(words: str, icon: str) -> EventKind:
    """A kind of event that tells of a ticket by what its source calls it: its subject is the customer's own words."""
    return EventKind(
        lambda event, people: f"Ticket {event.data['ticket']} {words.format(severity=event.data['severity'])}",
        icon,
        changes_facts=True,
        group=Group.SUPPORT,
    )


kinds.add("ticket.opened", _kind("opened, severity {severity}", "support"))
kinds.add("ticket.reopened", _kind("reopened, severity {severity}", "restart_alt"))
kinds.add("ticket.solved", _kind("solved", "task_alt"))
kinds.add("ticket.severity_raised", _kind("raised to severity {severity}", "priority_high"))
