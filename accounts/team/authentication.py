"""API keys on the REST API."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.foundation.clock import now
from accounts.team import keys
from accounts.team.models import ApiKey, User


class KeyRefused(AuthenticationFailed):
    """An API key that opens nothing; `default_code` says why, such as key_expired."""

    def __init__(self, refusal: keys.Refusal) -> None:
        super().__init__(refusal.words)
        self.default_code = f"key_{refusal.code}"


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer KEY`; the request then acts as the key's user."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        scheme, _, text = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        at = now()
        key = keys.look_up(text, at=at)
        if isinstance(key, keys.Refusal):
            raise KeyRefused(key)
        keys.seen(key, at=at)
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document names it."""

    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An API key of scope read, write or admin."}
