"""Values that break programs, in every field of every call of the REST API: an answer, and nothing half done."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.facts.services import FactDraft, define
from accounts.foundation.models import AuditEntry
from accounts.identity import services as identity
from accounts.portfolio import services as portfolio
from accounts.workspace import services as workspace
from tests.api.hostile import bodies, example, places, values
from tests.api.test_lists import AT, MADE

EACH = 1
"""How many values meet each field; the next field meets the ones after them, so that all come by."""
FREE = {"key", "name"}
"""Fields whose values must not be taken yet."""
ANSWERS = {200, 201, 202, 204, 400, 404, 409, 413}
FOR_PEOPLE = {"sign-fit"}
"""What no key may do, however well it is said: that answers 403 besides."""


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], Any]]:
    """Each call that takes a body: verb, path, what the body looks like, and a good one."""
    known = document["components"]["schemas"]
    for path, verbs in document["paths"].items():
        for verb, said in verbs.items():
            if content := said.get("requestBody", {}).get("content", {}).get("application/json"):
                shown = [one["value"] for one in content.get("examples", {}).values()]
                good = shown[0] if shown else example(content["schema"], known)
                yield verb, path, content["schema"], {**good, **{name: f"plain-{name}" for name in FREE & good.keys()}}


class Undone(Exception):
    """Takes back what a call did, so that the next one meets the same rows."""


@pytest.fixture
def admin(with_key: Any) -> Any:
    return with_key("admin")


@pytest.fixture
def names(admin: Any, amelia: Any, product: Any) -> dict[str, str]:
    """What stands for each `{…}` of a path, by the path up to it; and the world that examples speak of."""
    northwind, *_ = [portfolio.create(name=name, by=None, at=AT) for name in ("Northwind Traders", "Other")]
    define(FactDraft("plan_name", "Plan", "text", "For the tests."), by=None, at=AT)
    for key in ("crm", "helpdesk", "billing", "warehouse", "surveys"):
        source = workspace.connect_source(key=key, by=None, at=AT)
        identity.link(northwind, source=source, value="acct-42", by=None, at=AT)
    found = {"/api/v1/accounts/{account}": northwind.key}
    for prefix, make in MADE.items():
        make(0)
        row = admin.list(f"{prefix}/")[0]
        found |= {f"/api/v1/{prefix}/{{{name}}}": str(row[name]) for name in ("key", "id", "username") if name in row}
    return found | {
        "/api/v1/plays/{play}": found["/api/v1/plays/{key}"],
        "/api/v1/dead-letters/{kind}": "reactions",
        "/api/v1/retention-periods/{name}": "visits",
    }


def filled(path: str, names: dict[str, str]) -> str:
    head, brace, tail = path.partition("}")
    return names[head + brace].join(["/".join(head.split("/")[3:-1]) + "/", tail]) if brace else path[len("/api/v1/") :]


def test_no_value_in_no_field_breaks_a_call(admin, names, document):
    supply, turn, broken = values(), 0, []
    for verb, path, schema, good in operations(document):
        for place in places(schema, document["components"]["schemas"]):
            chosen = [supply[(turn + n) % len(supply)] for n in range(EACH)]
            turn += EACH
            for text in bodies(good, place, chosen):
                if trouble := _trouble(admin, verb.upper(), filled(path, names), text):
                    broken.append(f"{verb} {path} {place} {text[:200]}: {trouble[:300]}")
    assert not broken, "\n".join(broken[:40])


def _trouble(api: Any, verb: str, path: str, text: str) -> str:
    """What is wrong with the answer to one call; empty where nothing is."""
    last = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first()
    try:
        with transaction.atomic():
            answer = api.send(verb, path, text)
            connection.check_constraints()
            if answer.status_code not in ANSWERS | ({403} if FOR_PEOPLE & {*path.split("/")} else set()):
                return f"{answer.status_code} {answer.content[:300]!r}"
            if answer.status_code >= 400 and AuditEntry.objects.filter(pk__gt=last or 0).exists():
                return "refused, and yet something was written"
            if answer.status_code in (200, 201) and api.get(path.split("/")[0] + "/").status_code not in (
                200,
                404,
                405,
            ):
                return "it is written, and its list cannot be read any more"
            raise Undone
    except Undone:
        return ""
    except Exception as fault:
        return f"{type(fault).__name__}: {fault}"
