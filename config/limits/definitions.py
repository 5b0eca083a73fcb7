"""Segments, health, stages, business time and the builder: what a definition may hold, and what a look takes in."""

from accounts.limits.registry import Group, Limit, Unit, limits
from config.limits import use

LINTING, COMBINING, WAITING = "retention.segments.linting", "retention.segments.combining", "It is made while you wait."
SEGMENTS = {
    "segments": Limit(
        "Segments of one dimension",
        Group.RULES,
        "retention.segments.drafts:MANY",
        Unit.COUNT,
        "the version is refused",
        "More than anybody can tell apart.",
        use=use.segments,
    ),
    "segment_space": Limit(
        "Combinations of values in which gaps and overlaps of segments are looked for",
        Group.RULES,
        f"{LINTING}:MOST",
        Unit.COUNT,
        "a sample is looked at, and the page says so",
        WAITING,
    ),
    "segment_sample": Limit(
        "Such a sample",
        Group.RULES,
        f"{LINTING}:TRIED",
        Unit.COUNT,
        "the rest is not looked at",
        WAITING,
    ),
    "segment_live": Limit(
        "Accounts up to which who would move is told while a dimension is edited",
        Group.RULES,
        "retention.segments.edit_page:LIVE_AT_MOST",
        Unit.COUNT,
        "it is told when it is asked for",
        WAITING,
    ),
    "segment_dimensions": Limit(
        "Dimensions combined before the page warns",
        Group.RULES,
        f"{COMBINING}:MOST_DIMENSIONS",
        Unit.COUNT,
        "they are shown, with a warning",
        "Nobody can act on more.",
    ),
    "segment_staffed": Limit(
        "Segments of a dimension with people who look after them, before the page warns",
        Group.RULES,
        f"{COMBINING}:MOST_OWNED",
        Unit.COUNT,
        "they are shown, with a warning",
        "More are hard to staff.",
    ),
}
HEALTH = {
    "health_measures": Limit(
        "Measures of a health model",
        Group.RULES,
        "retention.health.checking:MOST_MEASURES",
        Unit.COUNT,
        "the version is refused",
        "Each weighs a few per cent by then, and says nothing.",
        use=use.health_measures,
    ),
    "health_caps": Limit(
        "Caps of a health model",
        Group.RULES,
        "retention.health.checking:MOST_CAPS",
        Unit.COUNT,
        "the version is refused",
        "They are asked for each account in turn.",
        use=use.health_caps,
    ),
    "health_scales": Limit(
        "Scales inside one another",
        Group.RULES,
        "retention.health.checking:DEEPEST",
        Unit.COUNT,
        "the version is refused",
        "Nobody reads a deeper one.",
    ),
    "health_override": Limit(
        "How long a person's band stands in for the computed one",
        Group.RULES,
        "retention.health.models:MOST_OVERRIDDEN_DAYS",
        Unit.DAYS,
        "it is refused",
        "What is known of the account changes meanwhile.",
    ),
}
STAGES = {
    "stages": Limit(
        "Stages of a lifecycle",
        Group.RULES,
        "retention.lifecycle.services:MOST_STAGES",
        Unit.COUNT,
        "the version is refused",
        "More than fit on a page that compares them.",
        use=use.stages,
    ),
    "stage_history": Limit(
        "Moves that the page of conversions looks at",
        Group.RULES,
        "retention.lifecycle.funnel:MOST",
        Unit.COUNT,
        "the latest are looked at",
        WAITING,
    ),
    "closed_days": Limit(
        "Closed days of a business calendar",
        Group.RULES,
        "retention.slas.models:MOST_DAYS",
        Unit.COUNT,
        "the change is refused",
        "Those that are over can be left out.",
        use=use.closed_days,
    ),
    "cadence": Limit(
        "Days, weeks or months between two starts of a cadence",
        Group.RULES,
        "plays.definitions.cadence:MOST",
        Unit.COUNT,
        "the trigger is refused",
        "A year of days.",
    ),
    "condition_problems": Limit(
        "Problems of a condition told at once",
        Group.RULES,
        "retention.builder.places:MOST",
        Unit.COUNT,
        "the others are told once these are mended",
        "Most of them have one cause.",
    ),
    "condition_values": Limit(
        "Values that the condition builder suggests",
        Group.RULES,
        "retention.builder.views:VALUES",
        Unit.COUNT,
        "typing narrows them",
        WAITING,
    ),
}
for name, limit in {**SEGMENTS, **HEALTH, **STAGES}.items():
    limits.add(name, limit)
