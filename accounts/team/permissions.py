"""What a request on the REST API may do: the key's scope, then the user's grants."""

from typing import Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.team.models import ApiKey


class ScopeTooNarrow(PermissionDenied):
    """The API key is good, but not for this."""

    default_code = "key_scope"

    def __init__(self, scope: str) -> None:
        super().__init__(f"This key has scope {scope}: it may {MAY.get(scope, scope)} and nothing else.")


MAY: dict[str, str] = {ApiKey.Scope.INGEST: "send signals to /v1/", ApiKey.Scope.READ: "read"}


class GrantPermission(BasePermission):
    """Asks the grants of the user for the view's `area`. A view without an area is closed to everybody.

    A view, or an action, that is `self_service` lets whoever sees the area change what its own rules call theirs.
    """

    message = "Your role does not allow this."

    def has_permission(self, request: Request, view: Any) -> bool:
        area, user = getattr(view, "area", None), request.user
        if area is None or not user.is_authenticated:
            return False
        reads = request.method in SAFE_METHODS
        if isinstance(request.auth, ApiKey) and not _within(request.auth.scope, reads=reads):
            raise ScopeTooNarrow(request.auth.scope)
        is_known = hasattr(view, str(request.method).lower())  # what the route does not do is 405, whoever asks
        if reads or not is_known or getattr(view, "self_service", False):
            return user.reach(area) is not None
        return bool(user.may_edit(area))


def _within(scope: str, *, reads: bool) -> bool:
    if scope == ApiKey.Scope.READ:
        return reads
    return scope in (ApiKey.Scope.WRITE, ApiKey.Scope.ADMIN)
