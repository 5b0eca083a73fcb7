from accounts.portfolio.events import EventKind, Group, kinds

kinds.add(
    "stakeholder.added",
    EventKind(lambda event, people: "Stakeholder added", "person_add", changes_facts=True, group=Group.PEOPLE),
)
