"""Who we are: the workspace, its sources, our people, their keys and what they did."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from accounts.foundation.models import AuditEntry, Bell
from accounts.team.models import ApiKey, Grant, Role, Team, User
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


class ApiKeyFactory(DjangoModelFactory):
    class Meta:
        model = ApiKey

    name = "A machine"
    prefix = factory.Sequence("{:012d}".format)
    secret_hash = "0" * 64
    scope = "read"
    user = factory.SubFactory(UserFactory)
    created_at = AT
