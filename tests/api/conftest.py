"""A small client of the REST API, as a program would use it, and the keys it may hold."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.foundation.clock import now
from accounts.team import keys
from accounts.team.models import User
from accounts.workspace.models import Workspace


class Api:
    """Calls /api/v1/ with a key, or in the session of a user."""

    def __init__(self, key: str = "", user: User | None = None) -> None:
        self.client = Client()
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}
        if user:
            self.client.force_login(user)

    def get(self, path: str, **parameters: Any) -> HttpResponse:
        return self.client.get(f"/api/v1/{path}", parameters, headers=self.headers)

    def send(self, verb: str, path: str, body: Any = None) -> HttpResponse:
        text = body if isinstance(body, (str, bytes)) else json.dumps(body if body is not None else {})
        return self.client.generic(verb, f"/api/v1/{path}", text, content_type="application/json", headers=self.headers)

    def post(self, path: str, body: Any = None) -> HttpResponse:
        return self.send("POST", path, body)

    def patch(self, path: str, body: Any = None) -> HttpResponse:
        return self.send("PATCH", path, body)

    def list(self, path: str, **parameters: Any) -> list[dict[str, Any]]:
        """The first page of a list, which must be answered."""
        response = self.get(path, **parameters)
        assert response.status_code == 200, response.content
        return response.json()["results"]

    def one(self, path: str) -> dict[str, Any]:
        """One thing, which must be there."""
        response = self.get(path)
        assert response.status_code == 200, response.content
        return response.json()


@pytest.fixture
def as_user() -> Callable[[User], Api]:
    """A client in the session of a user."""
    return lambda user: Api(user=user)


@pytest.fixture
def with_key(starter: Workspace) -> Callable[[str], Api]:
    """A client whose key has the scope that is named."""
    return lambda scope: Api(keys.issue(name=scope, scope=scope, by=None, at=now())[1])


@pytest.fixture
def api(write_key: str) -> Api:
    """A client with a key of scope write."""
    return Api(write_key)


@pytest.fixture
def anonymous(db: Any) -> Api:
    return Api()


def problems(response: HttpResponse, status: int = 400) -> dict[str, str]:
    """The errors of a refusal, by field; asserts that it is one, in the shape of problem details."""
    call = f"{response.request['REQUEST_METHOD']} {response.request['PATH_INFO']}"
    assert response.status_code == status, (call, response.content)
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return {error["field"]: error["message"] for error in body.get("errors", [])}


_document: list[dict[str, Any]] = []


@pytest.fixture
def document(with_key):
    """The OpenAPI document as a client gets it; asked for once, it takes a second to make."""
    if not _document:
        response = with_key("read").get("schema/", format="json")
        assert response.status_code == 200, response.content
        _document.append(json.loads(response.content))
    return _document[0]
