"""Our own people and their teams on the REST API: to read, and to provide for from another system."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.db import models, transaction
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.team import leaving, links, people, services
from accounts.team.filters import FlagFilter
from accounts.team.leaving import belongings
from accounts.team.models import Role, Team, User
from accounts.team.rest import USERNAME, Conflict, KeyField, Listed, PersonField, ScopedViewSet, Strict
from accounts.team.rest import people as all_people
from accounts.workspace.models import validate_time_zone


class UserSerializer(serializers.ModelSerializer):
    """One of our people."""

    name = serializers.CharField(source="__str__", read_only=True)
    role = serializers.CharField(source="role.key", allow_null=True, read_only=True)
    team = serializers.CharField(source="team.key", allow_null=True, read_only=True)
    last_signed_in_at = serializers.DateTimeField(source="last_login", allow_null=True, read_only=True)

    class Meta:
        model = User
        fields = [
            *("username", "name", "first_name", "last_name", "email", "role", "team", "function", "time_zone"),
            *("is_active", "last_signed_in_at"),
        ]
        read_only_fields = fields


class UserFilters(filters.FilterSet):
    team = filters.CharFilter("team__key", label="Key of the team.")
    role = filters.CharFilter("role__key", label="Key of the role.")
    is_active = FlagFilter(label="Whether they may sign in.")
    search = filters.CharFilter(method="named", label="Part of the name, username or e-mail address.")

    def named(self, rows: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        fields = ("username", "first_name", "last_name", "email")
        found = models.Q()
        for field in fields:
            found |= models.Q(**{f"{field}__icontains": value})
        return rows.filter(found)


class UserChange(Strict):
    """What becomes different about somebody; what is left out stays."""

    first_name = serializers.CharField(max_length=150, required=False)
    last_name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    email = serializers.EmailField(max_length=254, required=False)
    role = KeyField(Role, required=False, help_text="Key of the role; it may do no more than the caller's.")
    team = KeyField(Team, required=False, allow_null=True, help_text="Key of the team.")
    function = serializers.CharField(max_length=120, required=False, allow_blank=True, help_text="What they do here.")
    time_zone = serializers.CharField(max_length=60, required=False, allow_blank=True, validators=[validate_time_zone])


class UserDraft(UserChange):
    """A new colleague. They choose a password by a link: see `sign-in-link`."""

    username = serializers.RegexField(
        rf"^{USERNAME.pattern}$", required=False, max_length=150, help_text="Left out: made of the address."
    )
    first_name = serializers.CharField(max_length=150)
    email = serializers.EmailField(max_length=254)
    role = KeyField(Role, help_text="Key of the role; it may do no more than the caller's.")


class LinkSerializer(serializers.Serializer):
    """A link that sets a password once. Whoever has it is the user: hand it to nobody else."""

    link = serializers.CharField()
    expires_at = serializers.DateTimeField()


class LeaveDraft(Strict):
    """Who takes over what somebody leaves behind."""

    heirs = serializers.DictField(
        child=PersonField(allow_null=True),
        default=dict,
        help_text="What they look after → username of who takes it over (null: nobody). `dry_run` says what there is.",
    )
    end_known_keys = serializers.BooleanField(default=False, help_text="Also ends other keys they were shown.")
    dry_run = serializers.BooleanField(default=False, help_text="True: answers with the plan and changes nothing.")

    def validate_heirs(self, heirs: dict[str, Any]) -> dict[str, Any]:
        unknown = [name[:80] for name in heirs if name not in belongings]
        if unknown:
            raise ValidationError({name: f"Unknown. Known are: {', '.join(belongings)}." for name in unknown})
        return heirs


class LeavingSerializer(serializers.Serializer):
    """What deactivating somebody does, or did."""

    done = serializers.BooleanField(help_text="False: only planned.")
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="What they look after → how many.")
    keys = serializers.ListField(child=serializers.CharField(), help_text="Names of the keys that end.")
    known_keys = serializers.ListField(child=serializers.CharField(), help_text="Names of other keys they were shown.")


class UserViewSet(Listed, ScopedViewSet):
    """Our own people: who can own accounts and work."""

    area = Area.PEOPLE
    queryset = all_people().select_related("role", "team")
    serializer_class = UserSerializer
    filterset_class = UserFilters
    lookup_field = "username"
    lookup_shape = USERNAME

    @extend_schema(request=UserDraft, responses={201: UserSerializer})
    def create(self, request: Request) -> Response:
        """Adds somebody, who cannot sign in before they used a link (`sign-in-link`)."""
        values = {"last_name": "", **self.body(UserDraft)}
        return self.answer(said(people.invite, by=self.caller, at=now(), **values), code=201)

    @extend_schema(request=UserChange, responses=UserSerializer)
    def partial_update(self, request: Request, username: str) -> Response:
        """Sets what the body names. Nobody changes their own role, or somebody who may do more than they."""
        user = self.get_object()
        return self.answer(said(people.change_user, user, by=self.caller, at=now(), **self.body(UserChange)))

    @extend_schema(request=None, responses={201: LinkSerializer})
    @action(detail=True, methods=["post"], url_path="sign-in-link")
    def sign_in_link(self, request: Request, username: str) -> Response:
        """A link by which they set a new password, once and within three days. It is sent to nobody."""
        at = now()
        link = said(links.make, self.get_object(), by=self.caller, at=at)
        return Response(LinkSerializer({"link": link, "expires_at": at + links.LASTS}).data, status=201)

    @extend_schema(request=LeaveDraft, responses=LeavingSerializer)
    @action(detail=True, methods=["post"])
    def deactivate(self, request: Request, username: str) -> Response:
        """Hands over what they look after, ends their sessions and keys. 409 where they are deactivated already."""
        user, values, at = self.get_object(), self.body(LeaveDraft), now()
        if not user.is_active:
            raise Conflict(f"{user.username} is deactivated already.")
        if values["dry_run"]:
            plan = leaving.plan_leaving(user, at=at)
        else:
            known = values["end_known_keys"]
            plan = said(leaving.deactivate, user, heirs=values["heirs"], by=self.caller, at=at, and_keys=known)
        return Response(LeavingSerializer(_told(plan, done=not values["dry_run"])).data)

    @extend_schema(request=None, responses=UserSerializer)
    @action(detail=True, methods=["post"])
    def reactivate(self, request: Request, username: str) -> Response:
        """Takes them back with the role and team they had. 409 where they are here."""
        user = self.get_object()
        if user.is_active:
            raise Conflict(f"{user.username} is here already.")
        return self.answer(said(leaving.reactivate, user, by=self.caller, at=now()))


def said(verb: Any, *args: Any, **values: Any) -> Any:
    """What a service returns, its refusal as the problem of a request."""
    try:
        return verb(*args, **values)
    except Invalid as refused:
        raise ValidationError(refused.message_dict if hasattr(refused, "error_dict") else refused.messages) from None


def _told(plan: leaving.LeavingPlan, *, done: bool) -> dict[str, Any]:
    return {
        "done": done,
        "counts": plan.counts,
        "keys": [key.name for key in plan.own_keys],
        "known_keys": [key.name for key in plan.known_keys],
    }


class TeamSerializer(serializers.ModelSerializer):
    """A group of people who share a book."""

    manager = serializers.CharField(source="manager.username", allow_null=True, read_only=True)
    members: serializers.Field = serializers.SlugRelatedField(
        slug_field="username", many=True, read_only=True, help_text="Usernames of those on the team."
    )

    class Meta:
        model = Team
        fields = ["key", "name", "manager", "members"]
        read_only_fields = fields


class TeamChange(Strict):
    """What becomes different about a team; what is left out stays."""

    name = serializers.CharField(max_length=120, required=False)
    manager = PersonField(required=False, allow_null=True, help_text="Username or e-mail address of who leads it.")
    members = serializers.ListField(
        child=PersonField(), required=False, max_length=1000, help_text="Usernames of all who are on it from now on."
    )


class NewTeam(TeamChange):
    """A new team."""

    name = serializers.CharField(max_length=120)


class TeamViewSet(Listed, ScopedViewSet):
    """Teams, with who leads them and who is on them."""

    area = Area.PEOPLE
    queryset = Team.objects.select_related("manager").prefetch_related(
        models.Prefetch("members", queryset=all_people().order_by("username"))
    )
    serializer_class = TeamSerializer

    @extend_schema(request=NewTeam, responses={201: TeamSerializer})
    def create(self, request: Request) -> Response:
        """Forms a team. Whoever is named as a member leaves the team they were on."""
        values = self.body(NewTeam)
        return self.answer(said(self._formed, **values), code=201)

    @extend_schema(request=TeamChange, responses=TeamSerializer)
    def partial_update(self, request: Request, key: str) -> Response:
        """Renames it, says who leads it, or who is on it."""
        team = self.get_object()
        said(self._changed, team, **self.body(TeamChange))
        return self.answer(team)

    @transaction.atomic
    def _formed(self, *, name: str, manager: User | None = None, **members: Any) -> Team:
        team = services.form_team(name=name, manager=manager, by=self.caller, at=now())
        self._changed(team, **members)
        return team

    @transaction.atomic
    def _changed(self, team: Team, **values: Any) -> None:
        by_whom: dict[str, Any] = {"by": self.caller, "at": now()}
        if "name" in values:
            services.rename_team(team, name=values["name"], **by_whom)
        if "manager" in values:
            services.lead_team(team, manager=values["manager"], **by_whom)
        if "members" in values:
            services.set_members(team, members=values["members"], **by_whom)


ROUTES = {"users": UserViewSet, "teams": TeamViewSet}
