"""One malformed value, one unreadable rule: unknown for that row, told to a person, and nothing else stops."""

import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection

from accounts.facts import aging
from accounts.facts import services as facts
from accounts.facts.lookup import forget_custom_facts
from accounts.facts.models import AccountFacts, CustomFact
from accounts.facts.services import FactDraft
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from retention.evaluation import fullpass
from retention.evaluation.models import Edge, Incident, Standing
from tests.retention.evaluation.facts import AT, DAY, evaluate, know
from tests.retention.evaluation.rules import LOW, of, watch

pytestmark = pytest.mark.django_db
TYPES = {
    "number": ("lessThan", 5),
    "ratio": ("greaterThan", 0.5),
    "money": ("in", [5, 10]),
    "text": ("equal", "gold"),
    "boolean": ("equal", True),
    "instant": ("withinLast", {"days": 3}),
    "date": ("moreThanAhead", {"days": 3}),
    "text_list": ("contains", "gold"),
    "number_list": ("doesNotContain", 3),
}
MALFORMED = [{"a": 1}, "9" * 4000, [[[]]], 1e308, 10**400, -(10**30), "NaN", "null", "2026-13-45", 0.1, True]
RAW = ['{"my_text": "gold", "x": ' + "9" * 5000 + "}", '{"my_text": "gold", "x": ' + "[" * 990 + "]" * 990 + "}"]


@pytest.fixture
def book(starter: Any) -> list[Account]:
    for kind in TYPES:
        facts.define(FactDraft(f"my_{kind}", f"My {kind}", kind, "For this test."), by=None, at=AT)
    return [portfolio.create(name=f"Account {number}", by=None, at=AT) for number in range(3)]


@pytest.mark.parametrize("kind", TYPES)
def test_a_malformed_custom_fact_is_unknown_for_its_account_alone(book: list[Account], kind: str) -> None:
    operator, value = TYPES[kind]
    leaf = {"fact": f"my_{kind}", "operator": operator, "value": value}
    one = watch("play:either", {"any": [leaf, {"not": leaf}]})
    for malformed in MALFORMED:
        know(book[0], custom={f"my_{kind}": malformed})
        evaluate()
    standing = Standing.objects.get(account=book[0])
    assert not Incident.objects.exists()
    known = {edge.clauses[0]["observed"] is not None for edge in Edge.objects.filter(watch=one)}
    assert known <= {True}, "an edge needs a value that was seen"
    facts.set_custom(book[1], {f"my_{kind}": None}, source="import", at=AT)
    know(book[1], custom={f"my_{kind}": {"a": 1}})
    know(book[2], active_users_30d=1)
    evaluate()
    assert Standing.objects.get(account=book[1]).is_held(one)
    assert standing.account_id == book[0].pk


@pytest.mark.parametrize("raw", RAW, ids=["digits", "depth"])
def test_json_that_python_refuses_stops_nobody(book: list[Account], raw: str) -> None:
    sound = watch("play:sound", LOW)
    for one in book:
        know(one, active_users_30d=1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_accountfacts SET custom = %s WHERE account_id = %s", [raw, book[0].pk])
    assert of(evaluate(), sound) == [("entered", "data")] * 3
    fullpass.run(at=AT)
    aging.project_aged(at=AT + DAY)
    with connection.cursor() as cursor:
        cursor.execute("SELECT custom FROM accounts_accountfacts WHERE account_id = %s", [book[0].pk])
        assert len(str(cursor.fetchone()[0])) > 900, "what cannot be read is not written over"


def test_a_rule_whose_fact_is_gone_is_left_out_and_told(book: list[Account]) -> None:
    broken = watch("play:broken", {"fact": "my_text", "operator": "equal", "value": "gold"})
    sound = watch("play:sound", LOW)
    CustomFact.objects.filter(key="my_text").delete()
    forget_custom_facts()
    know(book[0], active_users_30d=1, custom={"my_text": "gold"})
    edges = evaluate()
    assert of(edges, sound) == [("entered", "data")]
    assert of(edges, broken) == []
    [incident] = Incident.objects.all()
    assert (incident.kind, incident.subject) == ("unreadable", "play:broken")
    assert 'there is no fact "my_text" any more' in incident.details[0]


def test_custom_facts_are_written_whole_or_not_at_all(book: list[Account]) -> None:
    with pytest.raises(ValidationError) as refused:
        facts.set_custom(book[0], {"my_text": "gold", "my_number": "5", "arr": 1, "none": 1}, source="import", at=AT)
    assert set(refused.value.message_dict) == {"my_number", "arr", "none"}
    assert not AccountFacts.objects.exists()
    facts.set_custom(book[0], {"my_text": "gold", "my_number": 5}, source="import", at=AT)
    assert AccountFacts.objects.get().custom == {"my_text": "gold", "my_number": 5}


def test_a_custom_fact_keeps_its_type(book: list[Account]) -> None:
    with pytest.raises(ValidationError, match="holds values of type text"):
        facts.define(FactDraft("my_text", "My text", "number", "Another type."), by=None, at=AT)
    with pytest.raises(ValidationError, match="is a fact of the product"):
        facts.define(FactDraft("arr", "ARR", "number", "Taken."), by=None, at=AT)


def test_a_question_about_a_duration_nobody_follows_is_refused(book: list[Account], tmp_path: Any, capsys: Any) -> None:
    path = tmp_path / "condition.json"
    path.write_text(json.dumps(LOW | {"heldFor": {"days": 3}}))
    with pytest.raises(SystemExit) as ended:
        call_command("conditions", "match", str(path))
    assert ended.value.code == 2
    assert "remove heldFor" in capsys.readouterr().err
