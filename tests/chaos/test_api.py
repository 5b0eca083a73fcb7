"""What nobody thought of, sent to every operation by every kind of caller: never a fault, never an undocumented answer.

Cases are made from the OpenAPI document by schemathesis. Half of those that name a row name one that is there.
"""

import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, transaction
from django.test import Client
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.foundation.clock import now
from accounts.team import keys
from accounts.team.models import Role
from tests.api.conftest import with_key  # noqa: F401
from tests.api.test_hostile import Undone, admin, names  # noqa: F401
from tests.cast import person
from tests.chaos.installation import IS_LONG

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
EXAMPLES = 40 if IS_LONG else 2
"""Cases of each operation, half of them as the document has it, half of them not."""
SECONDS = 3600 if IS_LONG else 40
"""After this long no new operation is begun; those that were left out are the failure of a machine, and said."""
TOKEN = "x" * 32
Caller = dict[str, dict[str, str]]


@pytest.fixture
def callers(names: dict[str, str], with_key: Any, product: Any) -> dict[str, Caller]:  # noqa: F811
    """A key of each scope, somebody of each role, and nobody: with what they send along."""
    found: dict[str, Caller] = {"nobody": {"headers": {}, "cookies": {}}}
    for scope in ("admin", "write", "read", "ingest"):
        text = keys.issue(name=scope, scope=scope, source=product, by=None, at=now())[1]
        found[f"key {scope}"] = {"headers": {"Authorization": f"Bearer {text}"}, "cookies": {}}
    for role in Role.objects.order_by("key"):
        client = Client()
        client.force_login(person(f"one-{role.key}", role=role.key, group=None))
        cookies = {"sessionid": client.cookies["sessionid"].value, "csrftoken": TOKEN}
        found[f"role {role.key}"] = {"headers": {"X-CSRFToken": TOKEN}, "cookies": cookies}
    return found


@pytest.fixture
def schema(callers: dict[str, Caller]) -> Iterator[Any]:
    """What cases are made from. Its requests leave the test's connection alone, as those of Django's own client do."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    headers = callers["key read"]["headers"]
    yield schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", app=WSGIHandler(), headers=headers)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def cases(operation: Any) -> list[Any]:
    """So many cases of one operation, the same in every run unless it is a long one."""
    found: list[Any] = []
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        @hypothesis.settings(
            max_examples=EXAMPLES // 2,
            derandomize=not IS_LONG,
            database=None,
            deadline=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        def made(case: Any) -> None:
            found.append(case)

        try:
            made()
        except hypothesis.errors.Unsatisfiable:
            continue  # an operation that takes nothing takes nothing wrong either
    return found


def addressed(case: Any, names: dict[str, str], *, is_there: bool) -> Any:  # noqa: F811
    """The case, with the row that its path names replaced by one that is there."""
    for name in case.path_parameters or {}:
        row = names.get(case.path.partition(f"{{{name}}}")[0] + f"{{{name}}}")
        if is_there and row is not None:
            case.path_parameters[name] = row
    return case


def sent(case: Any, caller: Caller) -> str:
    """What is wrong with the answer to one case, and its status; what the case did is undone."""
    try:
        with transaction.atomic():
            response = case.call(headers=caller["headers"], cookies=caller["cookies"])
            connection.check_constraints()
            case.validate_response(response, checks=CHECKS)
            _answers[response.status_code] += 1
            raise Undone
    except Undone:
        return ""
    except FailureGroup as failures:
        return "; ".join(f"{type(one).__name__}: {one}" for one in failures.exceptions)[:1500]
    except Exception as fault:
        return f"{type(fault).__name__}: {fault}"[:1500]


_answers: Counter[int] = Counter()


def turns(everybody: dict[str, Caller]) -> Iterator[list[str]]:
    """Who sends the next case: in a long run everybody, else the administrator's key and one after the other."""
    others = [name for name in everybody if name != "key admin"]
    return cycle([list(everybody)]) if IS_LONG else cycle([["key admin", other] for other in others])


def test_nothing_that_is_sent_breaks_it_or_is_answered_in_an_undocumented_way(
    callers: dict[str, Caller],
    schema: Any,
    names: dict[str, str],  # noqa: F811
) -> None:
    began, broken, left_out, turn = time.monotonic(), [], [], turns(callers)
    _answers.clear()
    operations = [result.ok() for result in schema.get_all_operations()]
    random.shuffle(operations)  # a slow machine leaves out others each time
    for operation in operations:
        if time.monotonic() - began > SECONDS:
            left_out.append(operation.label)
            continue
        for number, case in enumerate(cases(operation)):
            addressed(case, names, is_there=number % 2 == 0)
            for who in next(turn):
                if trouble := sent(case, callers[who]):
                    broken.append(f"{operation.label} by {who}: {trouble}")
    taken = time.monotonic() - began
    sys.stdout.write(f"\n{dict(sorted(_answers.items()))} by {len(callers)} callers in {taken:.0f} s")
    sys.stdout.write(f"; left out: {len(left_out)}\n")
    assert not broken, f"{len(broken)}:\n" + "\n\n".join(broken[:15])
    assert sum(_answers.values()) >= 100
