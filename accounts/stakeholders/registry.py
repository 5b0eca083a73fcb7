from accounts.portfolio.events import EventKind, Group, kinds

kinds.add("stakeholder.added", EventKind(lambda event, people: "Stakeholder added", "person_add", group=Group.PEOPLE))
