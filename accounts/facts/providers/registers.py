"""Facts that rooms above write by themselves, through `facts.services.set_registers`."""

from accounts.facts.catalogue import Fact, Group, Type, Use, facts

facts.add(
    "stage",
    Fact(
        "stage",
        "Lifecycle stage",
        Type.TEXT,
        "The stage of the primary lifecycle, written by its criteria.",
        Group.LIFECYCLE,
        use=Use.INTERNAL,
        is_register=True,
    ),
)
facts.add(
    "stages_below",
    Fact(
        "stages_below",
        "Stages of accounts below",
        Type.TEXT_LIST,
        "The lifecycle stages in which the accounts below this one stand, each once; unknown where there are none.",
        Group.LIFECYCLE,
        use=Use.INTERNAL,
    ),
)
