"""Office hours: a meeting that comes again, in which customers ask and are answered."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.calendar.rules import Cadence
from accounts.foundation.clock import validate_plausible
from accounts.foundation.records import OnMerge, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.models import User
from accounts.workspace.models import validate_time_zone
from retention.success_plans.models import SuccessPlan, validate_web_address
from retention.work.models import WorkItem

MOST_WEEKS, MOST_MINUTES = 12, 480


class Weekday(models.TextChoices):
    """A day of the week, as people and files write it."""

    MONDAY = "monday", "Monday"
    TUESDAY = "tuesday", "Tuesday"
    WEDNESDAY = "wednesday", "Wednesday"
    THURSDAY = "thursday", "Thursday"
    FRIDAY = "friday", "Friday"
    SATURDAY = "saturday", "Saturday"
    SUNDAY = "sunday", "Sunday"


class OfficeHours(Record):
    """A series of office hours, of one success plan or for a set of accounts. Written by `office_hours.services`.

    Its dates are a rule, reckoned in its zone; a row is kept of the next date alone, and of those that are over.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "plan__account"
    ASSIGNED_PATH = "host"
    PERSONAL = {}

    plan = models.ForeignKey(
        SuccessPlan,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="office_hours",
        help_text="It rests and ends with the plan. Empty: it is for a set of accounts.",
    )
    host = models.ForeignKey(User, on_delete=models.PROTECT, related_name="office_hours")
    title = models.CharField(max_length=120)
    weekday = models.CharField(max_length=9, choices=Weekday.choices)
    time = models.TimeField("begins at")
    time_zone = models.CharField(max_length=64, validators=[validate_time_zone])
    minutes = models.PositiveSmallIntegerField(
        default=45, validators=[MinValueValidator(1), MaxValueValidator(MOST_MINUTES)]
    )
    every_weeks = models.PositiveSmallIntegerField(
        "every so many weeks", default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_WEEKS)]
    )
    join_url = models.CharField("link to join", max_length=500, blank=True, validators=[validate_web_address])
    starts_on = models.DateField("from", validators=[validate_plausible])
    until = models.DateField(null=True, blank=True, validators=[validate_plausible], help_text="Empty: without an end.")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "series of office hours"
        verbose_name_plural = "office hours"
        ordering = ["starts_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("starts_on")),
                name="office_hours_end_after_they_begin",
                violation_error_message="The last day lies before the first one. Choose a later one.",
            ),
            models.CheckConstraint(
                condition=Q(every_weeks__gte=1, every_weeks__lte=MOST_WEEKS, minutes__gte=1, minutes__lte=MOST_MINUTES),
                name="office_hours_come_within_weeks_and_take_minutes",
            ),
            models.CheckConstraint(
                condition=Q(join_url="") | Q(join_url__startswith="https://") | Q(join_url__startswith="http://"),
                name="office_hours_are_joined_at_a_web_address",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Refuses seconds, at which nobody meets, and an end before the first date."""
        if self.time and (self.time.second or self.time.microsecond or self.time.tzinfo):
            raise ValidationError({"time": "Give hours and minutes alone, such as 15:00."})
        if self.until and self.starts_on and self.weekday in Weekday.values and self.starts_on <= self.until:
            self._must_have_a_date()

    def _must_have_a_date(self) -> None:
        if self.until and self.first_day > self.until:
            day = self.get_weekday_display()
            raise ValidationError({"until": f"There is no {day} from the first day to the last. Choose a later one."})

    @property
    def is_over(self) -> bool:
        """Whether somebody ended it."""
        return self.ended_at is not None

    @property
    def cadence(self) -> Cadence:
        """Its dates: from the first such weekday on, at its hour by the clocks of its zone."""
        return Cadence(self.every_weeks, "weeks", self.first_day, self.time.hour, self.time_zone, self.time.minute)

    @property
    def first_day(self) -> dt.date:
        """The first such weekday from its beginning on."""
        days = (list(Weekday).index(Weekday(self.weekday)) - self.starts_on.weekday()) % 7
        return self.starts_on + dt.timedelta(days=days)


class OfficeHoursGuest(Record):
    """An account whose people may come to a series of office hours. Written with the series."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.UNION}

    series = models.ForeignKey(OfficeHours, on_delete=models.CASCADE, related_name="guests")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="office_hours")

    class Meta:
        verbose_name = "guest of office hours"
        verbose_name_plural = "guests of office hours"
        ordering = ["account__name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["series", "account"], name="an_account_is_invited_to_a_series_once")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} at {self.series_id}"


class OfficeHoursSession(Record):
    """One date of a series: the next one, which is work of somebody, or one that is over. Written with the series."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "series__plan__account"
    ASSIGNED_PATH = "series__host"
    PERSONAL = {}

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        HELD = "held", "Held"
        LEFT_OUT = "left_out", "Not held"

    series = models.ForeignKey(OfficeHours, on_delete=models.CASCADE, related_name="sessions")
    starts_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.PLANNED)
    came = models.PositiveSmallIntegerField(null=True, blank=True, help_text="How many people of customers were there.")
    work_item = models.OneToOneField(WorkItem, on_delete=models.PROTECT, related_name="office_hours_session")

    class Meta:
        verbose_name = "date of office hours"
        verbose_name_plural = "dates of office hours"
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["series", "starts_at"], name="a_series_has_each_date_once"),
            models.UniqueConstraint(
                fields=["series"], condition=Q(state="planned"), name="a_series_has_one_date_to_come"
            ),
            models.CheckConstraint(
                condition=Q(state="held", came__isnull=False) | (~Q(state="held") & Q(came=None)),
                name="office_hours_that_were_held_say_who_came",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series}, {self.starts_at:%d %b %Y}"
