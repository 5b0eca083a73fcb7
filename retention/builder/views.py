"""What the builder asks while somebody edits: the facts, values to choose from, and how many accounts match."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.facts.catalogue import CUSTOM, Type
from accounts.facts.lookup import find
from accounts.facts.models import AccountFacts
from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.foundation.scope import Area
from accounts.portfolio.queries import listed
from retention.builder.effect import Effect, effect
from retention.builder.offer import offer
from retention.builder.places import MOST, beside
from retention.conditions.json_text import read
from retention.conditions.refusal import ConditionRefused

VALUES = 50
"""Values of a fact that are suggested."""


def _must_define(request: HttpRequest) -> Any:
    """Whoever reads definitions may build conditions; which accounts are counted is another question."""
    user = reader(request)
    if user.reach(Area.DEFINITIONS) is None:
        raise PermissionDenied
    return user


@require_GET
def facts_view(request: HttpRequest) -> JsonResponse:
    """The facts with their meanings and the operators of their types."""
    _must_define(request)
    return JsonResponse(offer())


@require_GET
def values_view(request: HttpRequest) -> JsonResponse:
    """Values that a text has among the accounts one may see, to choose from."""
    user = _must_define(request)
    fact = find(request.GET.get("fact", "")[:100])
    if fact is None or fact.type is not Type.TEXT:
        return JsonResponse({"values": []})
    path = f"{CUSTOM}__{fact.key}" if fact.is_json else fact.column
    accounts = listed().for_user(user).values("pk")  # type: ignore[attr-defined]
    rows = AccountFacts.objects.filter(account__in=accounts).exclude(**{f"{path}__isnull": True})
    found = rows.order_by(path).values_list(path, flat=True).distinct()[:VALUES]
    return JsonResponse({"values": [value for value in found if isinstance(value, str)]})


@require_POST
def count_view(request: HttpRequest) -> JsonResponse:
    """How many accounts match now, or what is wrong, each problem with its place."""
    user = _must_define(request)
    try:
        found = effect(read(request.POST.get("condition", "")), user=user, at=now())
    except ConditionRefused as refused:
        return JsonResponse({"problems": [beside(one) for one in refused.problems[:MOST]]}, status=400)
    return JsonResponse(_told(found))


def _told(found: Effect) -> dict[str, Any]:
    return {
        "matching": found.counted.true,
        "unknown": found.counted.unknown,
        "of": found.counted.looked_at,
        "sentence": found.sentence,
        "notes": found.notes,
        "examples": [
            {"name": account.name, "address": reverse("admin:accounts_account_change", args=[account.pk]), "why": why}
            for account, why in found.examples
        ],
    }
