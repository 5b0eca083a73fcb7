import datetime as dt
from functools import cached_property
from typing import Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac

from accounts.foundation.clock import now
from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.records import Personal, Record
from accounts.foundation.scope import Access, Area, Reach, ScopedQuerySet
from accounts.workspace.models import Source, validate_time_zone


class Team(Record):
    """A group of users who share a book, and who leads it."""

    AREA = Area.PEOPLE
    ACCOUNT_PATH = None
    PERSONAL = {}

    key = models.CharField(max_length=KEY_LENGTH, unique=True, validators=[validate_key])
    name = models.CharField(max_length=120)
    manager = models.ForeignKey("User", null=True, blank=True, on_delete=models.SET_NULL, related_name="leads")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Role(Record):
    """What somebody does here, and so what they may see and change (its grants). Ships in playbook files."""

    AREA = Area.PEOPLE
    ACCOUNT_PATH = None
    PERSONAL = {}

    class Home(models.TextChoices):
        """Which home page the role's people start on."""

        CSM = "csm", "My work and my accounts"
        OPERATOR = "operator", "State of the machine"

    key = models.CharField(max_length=KEY_LENGTH, unique=True, validators=[validate_key])
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=250, blank=True)
    home = models.CharField(max_length=20, choices=Home.choices, default=Home.CSM)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Grant(Record):
    """One line of the scope table: people of this role reach this area so far, and may do this much in it."""

    AREA = Area.PEOPLE
    ACCOUNT_PATH = None
    PERSONAL = {}

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="grants")
    area = models.CharField(max_length=20, choices=Area.choices)
    reach = models.CharField(max_length=4, choices=Reach.choices)
    access = models.CharField(max_length=4, choices=Access.choices, default=Access.VIEW)

    class Meta:
        ordering = ["role", "area"]
        constraints = [models.UniqueConstraint(fields=["role", "area"], name="one_grant_per_role_and_area")]

    def __str__(self) -> str:
        return f"{self.role}: {self.get_area_display()} ({self.get_reach_display()})"


class UserRows(UserManager.from_queryset(ScopedQuerySet)):  # type: ignore[misc]
    """Users: Django's verbs to create them, and the scope of every other list."""


class User(Record, AbstractUser):
    """Who signs in, and who an API key acts as. Has one role; without one sees nothing."""

    AREA = Area.PEOPLE
    ACCOUNT_PATH = None
    PERSONAL = {
        name: Personal("Work contact of our own staff", "While employed, then until the next clean-up", "clear")
        for name in ("username", "email", "first_name", "last_name", "function", "last_login")
    }

    SECRET = frozenset({"password"})

    role = models.ForeignKey(Role, null=True, blank=True, on_delete=models.PROTECT, related_name="users")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="members")
    time_zone = models.CharField(max_length=60, blank=True, validators=[validate_time_zone])
    function = models.CharField(max_length=120, blank=True, help_text="What they do here, such as Onboarding, EMEA.")
    sessions_ended = models.PositiveIntegerField(default=0, editable=False)
    """How often they signed out everywhere: a session goes on while this is what it was when it began."""

    objects = UserRows()  # type: ignore[misc]

    class Meta:
        ordering = ["first_name", "last_name", "username"]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session carries of its user, and ends with: the password, and `sessions_ended`."""
        if not self.sessions_ended:
            return str(super()._get_session_auth_hash(secret))  # type: ignore[misc]
        salt = "accounts.team.models.User.sessions_ended"
        kept = f"{self.sessions_ended}:{self.password}"
        return salted_hmac(salt, kept, secret=secret, algorithm="sha256").hexdigest()

    @cached_property
    def grants(self) -> dict[str, Grant]:
        """The role's grants by area, read once per request."""
        return {grant.area: grant for grant in self.role.grants.all()} if self.role else {}

    @cached_property
    def covered(self) -> tuple[int, ...]:
        """The ids of those for whom this user stands in at this moment, read once per request."""
        return tuple(Absence.objects.at(now()).filter(stand_in=self.pk).values_list("user", flat=True))

    @property
    def own_ids(self) -> tuple[int, ...]:
        """Whose work is this user's to do: their own, and that of those for whom they stand in."""
        return (self.pk, *self.covered)

    def reach(self, area: str) -> str | None:
        """How far this user's view of `area` carries; None where they have none."""
        if not self.is_active:
            return None
        if self.is_superuser:
            return Reach.ALL
        grant = self.grants.get(area)
        return grant.reach if grant else None

    def may_edit(self, area: str) -> bool:
        """Whether this user may change what they reach in `area`."""
        if self.is_superuser and self.is_active:
            return True
        grant = self.grants.get(area)
        return bool(self.is_active and grant and grant.access == Access.EDIT)


class Absences(ScopedQuerySet):
    """Absences, by when they are."""

    def at(self, instant: dt.datetime) -> Self:
        """Those that hold at `instant`."""
        return self.filter(starts_at__lte=instant, ends_at__gt=instant)

    def overlapping(self, starts_at: dt.datetime, ends_at: dt.datetime) -> Self:
        """Those that hold at some instant of this half-open range."""
        return self.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)


class Absence(Record):
    """From when until when one of us is away, and who stands in. Written by `absences`.

    While it holds, the stand-in sees and works what the absent one owns, and is told what the absent one would be
    told. It begins and ends by itself, as nothing is handed over: whoever asks for somebody's work asks who stands in.
    """

    AREA = Area.PEOPLE
    ACCOUNT_PATH = None
    PERSONAL = {}

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    stand_in = models.ForeignKey(User, on_delete=models.PROTECT, related_name="stands_in")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(help_text="The first instant at which they are back.")

    objects = Absences.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="an_absence_ends_after_it_starts"),
            models.CheckConstraint(condition=~Q(stand_in=F("user")), name="nobody_stands_in_for_themselves"),
        ]
        indexes = [
            # For whom somebody stands in: asked once in each request.
            models.Index(fields=["stand_in", "ends_at"], name="absences_covered_by"),
            # Who stands in for somebody: asked whenever they are told something.
            models.Index(fields=["user", "ends_at"], name="absences_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user} is away, {self.stand_in} stands in"


class ApiKey(Record):
    """A key of a machine. Only a keyed hash is stored; it acts as its user, within its scope.

    Created by `keys.issue` and `keys.rotate`, which show the key once. With a source it speaks for that one alone.
    """

    AREA = Area.SETTINGS
    ACCOUNT_PATH = None
    PERSONAL = {}

    class Scope(models.TextChoices):
        INGEST = "ingest", "Send signals"
        """The signal doors, nothing else."""
        READ = "read", "Read"
        """GET on the REST API."""
        WRITE = "write", "Read and write"
        ADMIN = "admin", "Everything, definitions included"

    SECRET = frozenset({"secret_hash"})

    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=16, unique=True)
    secret_hash = models.CharField(max_length=64)
    scope = models.CharField(max_length=6, choices=Scope.choices)
    source = models.ForeignKey(Source, null=True, blank=True, on_delete=models.PROTECT, related_name="keys")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_keys")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    replaced_by = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaces")

    class Meta:
        verbose_name = "API key"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(scope="ingest") | Q(source__isnull=False), name="an_ingest_key_names_its_source"
            ),
        ]

    def __str__(self) -> str:
        return self.name
