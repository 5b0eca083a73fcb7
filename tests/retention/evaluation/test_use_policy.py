"""A fact that is never used stands in no rule: neither is the rule accepted, nor the policy while a rule reads it."""

import io
import json

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from accounts.facts.catalogue import Use
from accounts.facts.services import FactDraft, define
from accounts.foundation.clock import now
from plays.playbook.kinds import custom_facts
from retention.conditions.catalogue import Catalogue
from retention.conditions.check import problems
from retention.conditions.language import FactType
from retention.evaluation.rules import catalogue
from retention.evaluation.services import WatchDraft, watch
from retention.fit import services as fit
from retention.fit.services import Criterion, IdealDraft

pytestmark = pytest.mark.django_db
RULE = {"all": [{"fact": "tickets_open", "operator": "greaterThan", "value": 3}]}
READS = {"all": [*RULE["all"], {"any": [{"fact": "works_council", "operator": "equal", "value": True}]}]}
PATH = "$.all[1].any[0].fact"


def fact(use):
    draft = FactDraft("works_council", "Works council", "boolean", "Whether there is one.", use=use.value)
    return define(draft, by=None, at=now())


@pytest.mark.parametrize("use", [Use.INTERNAL, Use.NAMED])
def test_other_facts_may_be_read(use):
    fact(use)
    assert problems(READS, catalogue()) == []


def test_a_condition_that_reads_it_is_refused_with_the_path_and_the_reason():
    fact(Use.NEVER)
    [problem] = problems(READS, catalogue())
    assert (problem.path, "never used" in problem.message) == (PATH, True)


def test_the_command_refuses_it_too(tmp_path, capsys):
    fact(Use.NEVER)
    file = tmp_path / "rule.json"
    file.write_text(json.dumps(READS))
    said = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("conditions", "check", str(file), stderr=said)
    assert ended.value.code == 2
    assert PATH in said.getvalue()


def test_a_playbook_may_not_define_such_a_fact_and_read_it():
    body = {"facts": [{"key": "works_council", "type": "boolean", "use": Use.NEVER.value}]}
    known = Catalogue({"tickets_open": FactType.NUMBER}).with_more(custom_facts.declares(body))
    assert [problem.path for problem in problems(READS, known)] == [PATH]
    body["facts"][0]["use"] = Use.INTERNAL.value
    assert problems(READS, known.with_more(custom_facts.declares(body))) == []


def test_criteria_of_the_ideal_customer_may_not_read_it():
    fact(Use.NEVER)
    with pytest.raises(ValidationError) as refused:
        fit.define(IdealDraft([Criterion("council", "Has a council", 5, READS)]), by=None, at=now())
    assert list(refused.value.message_dict) == ["criteria[0].matches.all[1].any[0].fact"]


def test_while_a_criterion_reads_it_the_policy_cannot_forbid_it():
    fact(Use.INTERNAL)
    fit.define(IdealDraft([Criterion("council", "Has a council", 5, READS)]), by=None, at=now())
    with pytest.raises(ValidationError, match="criterion Has a council"):
        fact(Use.NEVER)
    fit.define(IdealDraft([Criterion("tickets", "Few tickets", 5, RULE)]), by=None, at=now())
    assert fact(Use.NEVER).use == Use.NEVER


def test_while_a_rule_of_a_play_reads_it_the_policy_cannot_forbid_it():
    fact(Use.INTERNAL)
    watch([WatchDraft(key="play:council", reader="plays", definition="council", enter=READS)], by=None, at=now())
    with pytest.raises(ValidationError, match="play council"):
        fact(Use.NEVER)
