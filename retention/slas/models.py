import datetime as dt

import holidays
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.records import OnMerge, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.models import Team, User
from accounts.workspace.models import validate_time_zone
from retention.slas import business_time

MOST_DAYS = 500
"""Days off that somebody enters for one calendar: ten a year, for half a century."""
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def validate_weekdays(value: object) -> None:
    """At least one day of the week, each once, as numbers from 0 for Monday."""
    if not isinstance(value, list) or not value or sorted(set(value) & set(range(7))) != sorted(value):
        raise ValidationError("Choose at least one day of the week.")


def validate_duration(text: str) -> None:
    """A duration of ours, such as 1 bd."""
    try:
        business_time.parse(text)
    except business_time.NotADuration as error:
        raise ValidationError(str(error)) from error


def unknown_holidays(country: str, subdivision: str) -> dict[str, str]:
    """What is wrong with a country or a part of it whose public holidays nobody knows: field → what to do."""
    known = holidays.list_supported_countries(include_aliases=False)
    if country and country not in known:
        return {"country": f"The holidays of “{country}” are not known; enter them by hand."}
    if subdivision and subdivision not in known.get(country, []):
        parts = ", ".join(known.get(country, [])) or "none"
        return {"subdivision": f"There is no such part. Known are: {parts}."}
    return {}


class BusinessCalendar(Record):
    """When a team works: days, hours and days off. Due times in business time follow it. Written by `slas.calendars`.

    With no time zone it holds in the zone of whoever has to act.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    key = models.CharField(max_length=KEY_LENGTH, unique=True, validators=[validate_key])
    name = models.CharField(max_length=120)
    time_zone = models.CharField(
        max_length=64,
        blank=True,
        validators=[validate_time_zone],
        help_text="Empty: the zone of whoever has to act.",
    )
    opens = models.TimeField(default=dt.time(9))
    closes = models.TimeField(default=dt.time(17))
    weekdays = models.JSONField("days of work", validators=[validate_weekdays])
    country = models.CharField(max_length=2, blank=True, help_text="Its public holidays are days off.")
    subdivision = models.CharField(
        "state or region", max_length=10, blank=True, help_text="Its code, such as BY; adds the holidays of that part."
    )
    is_default = models.BooleanField(
        "for everybody else", default=False, help_text="Whoever is in no team with a calendar follows this one."
    )
    version = models.PositiveIntegerField(
        default=1, editable=False, help_text="Grows with every change of its hours and days off: clocks are due anew."
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="one_calendar_is_for_everybody_else",
                violation_error_message="Another calendar is for everybody else already. Take it off there first.",
            ),
            models.CheckConstraint(condition=Q(opens__lt=F("closes")), name="a_day_of_work_closes_after_it_opens"),
            models.CheckConstraint(condition=~Q(weekdays=[]), name="a_calendar_has_a_day_of_work"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def teams(self) -> list[Team]:
        """The teams that follow it."""
        return [use.team for use in self.uses.all()]

    def clean(self) -> None:
        """Refuses hours that end before they begin, and countries and parts whose holidays nobody knows."""
        if self.opens and self.closes and self.opens >= self.closes:
            raise ValidationError({"closes": "The day must close after it opens, on the same day."})
        if trouble := unknown_holidays(self.country, self.subdivision):
            raise ValidationError(dict(trouble))


class ClosedDay(Record):
    """A day off of one calendar, besides the public holidays."""

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.CASCADE, related_name="closed_days")
    day = models.DateField()
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["calendar", "day"], name="a_day_off_stands_once_a_calendar")]

    def __str__(self) -> str:
        return f"{self.day:%d %b %Y} {self.name}"


class TeamCalendar(Record):
    """Says which calendar the people of a team follow."""

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="calendar")
    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.CASCADE, related_name="uses")

    def __str__(self) -> str:
        return f"{self.team}: {self.calendar}"


class Clock(Record):
    """Time given to do something for an account. Written by `slas.services`.

    `due_at` moves when the clock stands still or its calendar changes, `promised_at` never does. At `next_at` somebody
    is told: before it runs out, when it has, and when twice the time is over.
    """

    AREA = Area.WORK
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.MOVE}

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        PAUSED = "paused", "Standing still"
        MET = "met", "Stopped"
        """What it was for is done; whether in time says `breached_at`."""
        CANCELLED = "cancelled", "Cancelled"
        """What it was for is no longer needed: it counts for nothing."""

    class Level(models.IntegerChoices):
        NONE = 0, "Nobody was told"
        WARNED = 1, "Its owner was warned"
        BREACHED = 2, "Ran out; the owner's manager was told"
        ESCALATED = 3, "Twice the time is over; a leader was told"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="clocks")
    duration = models.CharField(max_length=10, validators=[validate_duration])
    calendar = models.ForeignKey(
        BusinessCalendar, null=True, blank=True, on_delete=models.SET_NULL, related_name="clocks"
    )
    calendar_version = models.PositiveIntegerField(
        default=1, editable=False, help_text="The version of its calendar that it counts by."
    )
    zone = models.CharField(max_length=64, validators=[validate_time_zone])
    started_at = models.DateTimeField()
    promised_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="While it stands still: as it was before.")
    state = models.CharField(max_length=9, choices=State.choices, default=State.RUNNING)
    level = models.PositiveSmallIntegerField(choices=Level.choices, default=Level.NONE)
    next_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["running", "paused"], ended_at=None)
                | Q(state__in=["met", "cancelled"], ended_at__isnull=False),
                name="an_ended_clock_has_an_end",
            ),
        ]
        indexes = [
            # Whom to tell next.
            models.Index(fields=["next_at"], condition=Q(state="running"), name="clock_tells_next"),
        ]

    def __str__(self) -> str:
        return f"{self.duration} from {self.started_at:%d %b %Y %H:%M}"

    @property
    def is_open(self) -> bool:
        """Whether what it is for is still to be done."""
        return self.state in (self.State.RUNNING, self.State.PAUSED)


class Pause(Record):
    """A span in which a clock stood still, and why."""

    AREA = Area.WORK
    ACCOUNT_PATH = "clock__account"
    PERSONAL = {}

    class Reason(models.TextChoices):
        CUSTOMER = "customer", "Waiting for the customer"
        THIRD_PARTY = "third_party", "Waiting for somebody else outside"
        AGREED = "agreed", "Put off by agreement"

    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="pauses")
    reason = models.CharField(max_length=11, choices=Reason.choices)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clock"], condition=Q(until=None), name="a_clock_stands_still_once"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="a_pause_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} since {self.since:%d %b %Y %H:%M}"
