"""Requests as clients send them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.foundation.clock import now
from accounts.identity import services as identity
from accounts.ingestion.fold import fold
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.workspace.models import Source
from tests.cast import basic

Post = Callable[..., Any]


@pytest.fixture
def post(client: Client, ingest_key: str) -> Post:
    """Sends one request: `post(body, path="track")`; a body that is no bytes or text goes as JSON."""

    def send(body: Any, path: str = "batch", *, key: str | None = ingest_key, **options: Any) -> Any:
        content_type = options.pop("content_type", "application/json")
        headers = options.pop("headers", {})
        if key:
            headers = {"Authorization": basic(key)} | headers
        text = body if isinstance(body, (bytes, str)) else json.dumps(body)
        return client.post(f"/v1/{path}", text, content_type=content_type, headers=headers, **options)

    return send


@pytest.fixture
def deliver(post: Post) -> Post:
    """Sends items in one batch, and folds until the inbox is empty."""

    def send(*items: dict[str, Any], **shared: Any) -> Any:
        response = post({"batch": list(items), **shared})
        assert response.status_code == 200, response.content
        while fold():
            pass
        return response

    return send


@pytest.fixture
def contoso(product: Source, starter: Any) -> Account:
    account = portfolio.create(name="Contoso", by=None, at=now())
    identity.link(account, source=product, value="acct-7", by=None, at=now())
    return account
