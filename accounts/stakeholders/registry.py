from accounts.portfolio.events import EventKind, kinds

kinds.add("stakeholder.added", EventKind(lambda event, people: "Stakeholder added", "person_add"))
