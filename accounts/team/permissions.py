"""What a request on the REST API may do: the key's scope, then the user's grants."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.team.models import ApiKey


class GrantPermission(BasePermission):
    """Asks the grants of the user for the view's `area`. A view without an area is closed to everybody."""

    message = "Your role or the scope of your API key does not allow this."

    def has_permission(self, request: Request, view: Any) -> bool:
        area, user = getattr(view, "area", None), request.user
        if area is None or not user.is_authenticated:
            return False
        reads = request.method in SAFE_METHODS
        if isinstance(request.auth, ApiKey) and not _within(request.auth.scope, reads=reads):
            return False
        return user.reach(area) is not None if reads else user.may_edit(area)


def _within(scope: str, *, reads: bool) -> bool:
    if scope == ApiKey.Scope.READ:
        return reads
    return scope in (ApiKey.Scope.WRITE, ApiKey.Scope.ADMIN)
