from accounts.portfolio.events import EventKind, Group, kinds

kinds.add(
    "person.erased",
    EventKind(
        lambda event, people: "A person's data was erased on request",
        "person_off",
        group=Group.PEOPLE,
        changes_facts=True,
    ),
)
