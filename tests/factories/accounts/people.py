"""Who we are: the workspace, its sources, our people, their keys and what they did."""

import datetime as dt
import uuid
from typing import Any

import factory
from factory.django import DjangoModelFactory

from accounts.foundation.models import AuditEntry, Bell, Worker
from accounts.idempotency.models import StoredAnswer
from accounts.team.models import Absence, ApiKey, Grant, Role, Team, User
from accounts.throttling.models import Allowance
from accounts.workspace.models import Source, Workspace
from tests.factories.accounts.times import AT


class AuditEntryFactory(DjangoModelFactory):
    class Meta:
        model = AuditEntry

    at = AT
    door = "job"
    verb = "account.change"
    object_type = "account"
    object_id = "1"


class BellFactory(DjangoModelFactory):
    class Meta:
        model = Bell

    name = factory.Sequence("bell-{}".format)


class WorkerFactory(DjangoModelFactory):
    class Meta:
        model = Worker

    id = factory.LazyFunction(uuid.uuid4)
    host = "anchor-1"
    pid = factory.Sequence(lambda number: 4000 + number)
    started_at = AT
    seen_at = AT


class WorkspaceFactory(DjangoModelFactory):
    class Meta:
        model = Workspace

    company = "Anchor Analytics"


class SourceFactory(DjangoModelFactory):
    class Meta:
        model = Source

    key = factory.Sequence("source-{}".format)
    name = "Product"


class TeamFactory(DjangoModelFactory):
    class Meta:
        model = Team

    key = factory.Sequence("team-{}".format)
    name = "East"


class RoleFactory(DjangoModelFactory):
    class Meta:
        model = Role

    key = factory.Sequence("role-{}".format)
    name = "CSM"


class GrantFactory(DjangoModelFactory):
    class Meta:
        model = Grant

    role = factory.SubFactory(RoleFactory)
    area = "accounts"
    reach = "own"
    access = "view"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence("user-{}".format)
    first_name = factory.Sequence("Uma {}".format)
    last_name = "Tester"
    password = "!"

    @factory.lazy_attribute
    def email(self: Any) -> str:
        return f"{self.username}@anchor.example"


class AbsenceFactory(DjangoModelFactory):
    class Meta:
        model = Absence

    user = factory.SubFactory(UserFactory)
    stand_in = factory.SubFactory(UserFactory)
    starts_at = AT
    ends_at = AT + dt.timedelta(days=7)


class ApiKeyFactory(DjangoModelFactory):
    class Meta:
        model = ApiKey

    name = "A machine"
    prefix = factory.Sequence("{:012d}".format)
    secret_hash = "0" * 64
    scope = "read"
    user = factory.SubFactory(UserFactory)
    created_at = AT


class StoredAnswerFactory(DjangoModelFactory):
    class Meta:
        model = StoredAnswer

    caller_id = 1
    key = factory.Sequence("order-{}".format)
    fingerprint = "0" * 64
    status = 201
    answer = "sealed"
    created_at = AT


class AllowanceFactory(DjangoModelFactory):
    class Meta:
        model = Allowance

    bucket = factory.Sequence("{:064x}".format)
    began_ms = 1_772_618_400_000
    used = 1
