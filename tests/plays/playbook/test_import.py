"""A playbook is imported whole or not at all, and importing it again changes nothing."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.facts.lookup import forget_custom_facts
from accounts.facts.models import CustomFact
from accounts.foundation.models import AuditEntry
from accounts.ingestion.models import Feature, Milestone, PageIntent
from accounts.team.models import Role
from plays.definitions.models import Play, PlayVersion
from plays.playbook.files import PlaybookRefused
from plays.playbook.registry import kinds
from plays.playbook.services import import_folder
from retention.lifecycle.models import Lifecycle, LifecycleVersion
from tests import trail
from tests.cast import STARTER
from tests.factories.accounts import AT
from tests.plays.playbook.folders import GOOD, changed, write

pytestmark = pytest.mark.django_db
DEFINITIONS = (Role, Feature, CustomFact, Lifecycle, LifecycleVersion, Play, PlayVersion)


def load(folder: Path) -> list[str]:
    return import_folder(folder, by=None, at=AT)


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in DEFINITIONS}


def refusal(folder: Path) -> list[str]:
    before = counts()
    with pytest.raises(PlaybookRefused) as refused:
        load(folder)
    assert counts() == before, "nothing of a refused playbook is applied"
    return str(refused.value).splitlines()


@pytest.fixture(autouse=True)
def _no_custom_facts():
    """Facts of the test before, whose rows were rolled back, are kept in memory for some seconds."""
    forget_custom_facts()
    yield
    forget_custom_facts()


@pytest.fixture
def good(tmp_path):
    return write(tmp_path, **GOOD)


def test_there_is_a_good_file_of_every_kind():
    assert set(GOOD) == set(kinds)


def test_puts_every_definition_into_force_in_an_order_that_works(good):
    assert load(good) == [
        "role Analyst",
        "business calendar Office hours",
        "products: 1",
        "tracking plan with 1 features",
        "custom facts: 1",
        "ideal customer: 1 criteria",
        "dimension Class 1",
        "1 milestones",
        "lifecycle Journey 1",
        "health model Plain 1",
        "coverage policy: 1 lines",
        "audience Champions",
        "renewal risk: 1 signals",
        "plan template Plan for a head of data 1",
        "handoff To service 1",
        "play Usage drop version 1",
    ]
    assert set(counts().values()) == {1}
    assert not Play.objects.get().is_active


def test_a_plan_of_milestones_and_intents_needs_no_features(tmp_path):
    milestone = {"key": "activated", "name": "Activated", "events": ["Report Viewed"]}
    intent = {"key": "pricing", "name": "Pricing", "paths": ["/pricing*"]}
    folder = write(tmp_path, plan={"kind": "tracking_plan", "milestones": [milestone], "intents": [intent]})
    assert load(folder) == ["tracking plan with 1 milestones, 1 intents"]
    assert Milestone.objects.values("key", "name", "events").get() == milestone
    assert PageIntent.objects.values("key", "name", "paths").get() == intent
    trail.forget()
    load(folder)
    assert not AuditEntry.objects.exists()


def test_importing_again_changes_nothing(good):
    load(good)
    before = counts()
    trail.forget()
    load(good)
    assert counts() == before
    assert not AuditEntry.objects.exists()


def test_a_changed_file_makes_one_version(good):
    load(good)
    write(good, play=changed("play", "steps.0.due", "2 bd"))
    load(good)
    assert counts() == {name: 2 if name == "PlayVersion" else 1 for name in counts()}


def test_the_starter_playbook_is_a_good_one():
    first = load(STARTER)
    before = counts()
    assert first[-1] == "play Usage drop version 1"
    assert before["Role"] == 9
    assert load(STARTER) == first
    assert counts() == before


def test_the_trail_says_that_it_came_by_import(good):
    load(good)
    assert set(AuditEntry.objects.values_list("door", flat=True)) == {"import"}


def test_one_bad_file_keeps_the_good_ones_out(good):
    write(good, play=changed("play", "class", "whenever"))
    [line] = refusal(good)
    assert line.startswith("play.yaml:5: class: expected one of critical, ")
    assert counts() == dict.fromkeys(counts(), 0)


def test_every_problem_of_every_file_is_told(good):
    write(good, play=changed("play", "class", "whenever"), role=changed("role", "home", "nowhere"), odd="kind: odd")
    lines = refusal(good)
    assert [line.partition(":")[0] for line in lines] == ["odd.yaml", "play.yaml", "role.yaml"]


def test_two_files_that_define_the_same_are_refused(good):
    write(good, zebra=GOOD["play"])
    assert refusal(good) == ["zebra.yaml:2: key: play.yaml defines this play already"]


def test_a_folder_has_one_tracking_plan(good):
    write(good, zebra=GOOD["tracking_plan"])
    assert refusal(good) == [
        "zebra.yaml:1: tracking_plan.yaml is the tracking_plan of this folder already; make one file of the two"
    ]


READS_TICKETS = {"fact": "bugs_open", "operator": "greaterThan", "value": 5}


def reading(condition: dict) -> dict[str, dict]:
    """Good files with `condition` in every place that takes one."""
    stage = {**GOOD["lifecycle"]["stages"][0], "enter": condition, "leave": condition}
    step = {**GOOD["play"]["steps"][0], "sooner": {"when": condition, "due": "4 bh"}}
    trigger = {"entered": condition, "rearmed": {"not": condition}}
    return {
        "lifecycle": {**GOOD["lifecycle"], "stages": [stage]},
        "play": {**GOOD["play"], "trigger": trigger, "steps": [step]},
    }


def test_conditions_read_the_facts_that_the_same_folder_defines(good):
    load(write(good, **reading(READS_TICKETS)))
    assert PlayVersion.objects.get().trigger == READS_TICKETS


def test_conditions_read_the_facts_that_an_earlier_import_defined(good, tmp_path):
    load(good)
    (tmp_path / "later").mkdir()
    load(write(tmp_path / "later", **reading(READS_TICKETS)))
    assert set(counts().values()) == {1, 2}


def test_a_condition_must_suit_the_type_that_the_folder_declares(good):
    write(good, **reading({**READS_TICKETS, "value": "many"}))
    lines = refusal(good)
    assert {line.split(":")[0] for line in lines} == {"lifecycle.yaml", "play.yaml"}
    assert all("expected a number" in line for line in lines)
    assert len(lines) == 5


def test_a_fact_that_no_file_defines_is_refused(good):
    write(good, **reading({**READS_TICKETS, "fact": "bugs_closed"}))
    lines = refusal(good)
    assert len(lines) == 5
    assert all("there is no fact" in line and 'did you mean "bugs_open"?' in line for line in lines)


def test_a_malformed_list_of_facts_does_not_hide_other_problems(good):
    write(good, custom_facts="kind: custom_facts\nfacts: [7, {key: [a], type: text}, {key: b, type: {}}]")
    write(good, play=changed("play", "class", "whenever"))
    assert [line.partition(":")[0] for line in refusal(good)] == ["custom_facts.yaml", "play.yaml"]


def test_two_files_that_define_the_same_fact_are_refused(good):
    [fact] = GOOD["custom_facts"]["facts"]
    write(good, zebra={"kind": "custom_facts", "facts": [{**fact, "key": "other"}, fact]})
    assert refusal(good) == ["zebra.yaml:7: facts[1].key: custom_facts.yaml defines this fact already"]


def test_several_files_may_define_facts(good):
    [fact] = GOOD["custom_facts"]["facts"]
    load(write(good, zebra={"kind": "custom_facts", "facts": [{**fact, "key": "other"}]}))
    assert counts()["CustomFact"] == 2


def test_the_type_of_a_fact_stays(good):
    load(good)
    write(good, custom_facts=changed("custom_facts", "facts.0.type", "text"))
    assert refusal(good) == [
        "custom_facts.yaml:5: facts[0].type: bugs_open holds values of type number; define a new fact instead"
    ]


def test_a_fact_may_be_said_in_other_words(good):
    load(good)
    load(write(good, custom_facts=changed("custom_facts", "facts.0.label", "Tickets")))
    assert CustomFact.objects.get(key="bugs_open").label == "Tickets"


def test_two_primary_lifecycles_are_refused(good):
    write(good, second=changed("lifecycle", "key", "other"))
    assert refusal(good) == ["second.yaml:4: primary: Journey is the primary lifecycle already; there is one"]


def test_a_lifecycle_that_becomes_primary_beside_another_is_refused(good):
    other = {**GOOD["lifecycle"], "key": "other", "primary": False}
    write(good, second=other)
    load(good)
    write(good, second={**other, "primary": True})
    assert refusal(good) == ["second.yaml:4: primary: Journey is the primary lifecycle already; there is one"]


def test_what_yaml_takes_for_a_date_is_text_here(tmp_path):
    (tmp_path / "role.yaml").write_text(
        "{kind: role, key: a, name: 2026-02-01, description: Reads., home: csm, grants: {work: view all}}"
    )
    assert load(tmp_path) == ["role 2026-02-01"]


def test_files_are_found_in_folders_below(tmp_path):
    (tmp_path / "plays").mkdir()
    (tmp_path / "plays.yaml").mkdir()
    write(tmp_path / "plays", usage=GOOD["play"])
    assert load(tmp_path) == ["play Usage drop version 1"]


def test_a_folder_that_is_none_is_refused(tmp_path):
    (tmp_path / "file").write_text("kind: role")
    for name in ("nowhere", "file"):
        assert refusal(tmp_path / name) == [
            f"{tmp_path / name}: there is no such folder; name the one that holds the files"
        ]


def test_every_file_is_read_although_one_is_no_yaml(tmp_path):
    (tmp_path / "a.yaml").write_text("kind: role\n  key: [")
    (tmp_path / "b.yaml").write_text("kind: spell\n")
    found = refusal(tmp_path)
    assert [problem.split(":")[0] for problem in found] == ["a.yaml", "b.yaml"]


def test_a_folder_without_files_is_refused(tmp_path):
    assert refusal(tmp_path) == [f"{tmp_path}: holds no .yaml file"]


def test_the_command_tells_what_it_did(good):
    out = io.StringIO()
    call_command("playbook", "import", str(good), stdout=out)
    assert out.getvalue().splitlines()[-1] == "play Usage drop version 1"


def test_the_command_refuses_bad_input_with_code_2(good):
    write(good, play=changed("play", "class", "whenever"))
    err = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("playbook", "import", str(good), stderr=err)
    assert ended.value.code == 2
    assert err.getvalue().startswith("play.yaml:5: class: expected one of")
    with pytest.raises(CommandError):
        call_command("playbook", "import")
