"""An import that would move much of the book is told with numbers first, and done when somebody confirms it."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.facts.lookup import forget_custom_facts
from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.portfolio import services as portfolio
from plays.playbook.queries import LATER, differences
from plays.playbook.services import MustBeConfirmed, import_folder
from tests.plays.playbook.folders import write
from tests.retention.segments.book import at_least, below, catch_up

pytestmark = pytest.mark.django_db
MANY, FEW = at_least("employees", 50), below("employees", 50)


def dimension(limit: int) -> dict[str, Any]:
    segments = [
        {"key": "large", "name": "Large", "condition": at_least("employees", limit)},
        {"key": "small", "name": "Small", "condition": below("employees", limit)},
        {"key": "rest", "name": "Rest"},
    ]
    return {"kind": "dimension", "key": "company_class", "name": "Class", "segments": segments}


def lifecycle(enter: Any) -> dict[str, Any]:
    stages = [
        {"key": "met", "name": "Met", "meaning": "We met.", "enter": {"fact": "employees", "operator": "isKnown"}},
        {"key": "won", "name": "Won", "meaning": "They are large.", "enter": enter},
    ]
    return {"kind": "lifecycle", "key": "journey", "name": "Journey", "stages": stages}


def health(height: int) -> dict[str, Any]:
    scale = {"fact": "employees", "marks": [[0, height]]}
    measures = [{"key": "size", "name": "Size", "weight": 100, "scale": scale}]
    applies = {"fact": "employees", "operator": "isKnown"}
    said = {"key": "plain", "name": "Plain", "precedence": 1, "applies": applies, "measures": measures}
    return {"kind": "health_model", **said}


def milestones(condition: Any) -> dict[str, Any]:
    routes = [{"key": "all", "name": "Everybody", "condition": condition}]
    return {"kind": "milestones", "milestones": [{"key": "grown", "name": "Grown", "routes": routes}]}


def risk(when: Any) -> dict[str, Any]:
    return {"kind": "risk_model", "signals": [{"key": "few", "name": "Few people", "points": 4, "when": when}]}


CHANGES = {
    "dimension": (dimension(50), dimension(90), "4 of 5 accounts (80 %) move to another segment."),
    "lifecycle": (lifecycle(MANY), lifecycle(FEW), "5 of 5 accounts (100 %) move to another stage."),
    "health": (health(90), health(10), "5 of 5 accounts (100 %) come into another band."),
    "milestones": (milestones(FEW), milestones(MANY), "Grown: 4 of 5 accounts (80 %) stand otherwise."),
    "risk": (risk(FEW), risk(MANY), "5 of 5 accounts (100 %) come into another tier."),
}


@pytest.fixture(autouse=True)
def _book() -> Any:
    """Four accounts with 60 people, one with 10."""
    forget_custom_facts()
    for number in range(5):
        portfolio.create(name=f"Fabrikam {number}", employees=60 if number else 10, by=None, at=now())
    yield
    forget_custom_facts()


def load(folder: Path, **options: Any) -> list[str]:
    return import_folder(folder, by=None, at=now(), **options)


def asked(folder: Path) -> list[str]:
    return [text for one in differences(folder, at=now()) for text in one.asks]


OTHERS = {
    "dimension": dimension(50) | {"key": "other_class"},
    "lifecycle": lifecycle(MANY) | {"key": "other_journey"},
    "health": health(90) | {"key": "other", "precedence": 2},
}
FIRST = {
    "dimension": "5 accounts come into a segment: Large 4, Small 1.",
    "lifecycle": "5 of 5 accounts (100 %) come into a stage: Met 1, Won 4.",
    "health": "It scores 5 of 5 accounts, which 5 score otherwise now.",
    "milestones": "Grown: 5 of 5 accounts (100 %) get this milestone: reached 1, pending 4.",
    "risk": "5 accounts get a tier: high 1, low 4.",
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_new_beside_what_is_in_force_is_asked_about(name: str, tmp_path: Path) -> None:
    other = "lifecycle" if name == "dimension" else "dimension"
    load(write(tmp_path, other=OTHERS[other]))
    catch_up(now())
    write(tmp_path, **{name: CHANGES[name][0]})
    assert FIRST[name] in asked(tmp_path)
    with pytest.raises(MustBeConfirmed, match=f"{name}.yaml:"):
        load(tmp_path)
    assert load(tmp_path, confirmed=True)


def test_a_new_model_that_comes_last_moves_nobody_and_asks_nothing(tmp_path: Path) -> None:
    load(write(tmp_path, health=health(90)))
    catch_up(now())
    assert asked(write(tmp_path, other=OTHERS["health"])) == []
    assert len(load(tmp_path)) == 2


@pytest.mark.parametrize("name", CHANGES)
def test_it_is_told_refused_and_confirmed(name: str, tmp_path: Path) -> None:
    before, after, told = CHANGES[name]
    assert load(write(tmp_path, **{name: before})), "what is new is not asked about"
    catch_up(now())
    assert asked(tmp_path) == []
    write(tmp_path, **{name: after})
    assert told in asked(tmp_path)
    entries = AuditEntry.objects.count()
    with pytest.raises(MustBeConfirmed) as refused:
        load(tmp_path)
    assert told in str(refused.value)
    assert str(refused.value).startswith(f"{name}.yaml:")
    assert AuditEntry.objects.count() == entries, "nothing of it is in force"
    assert load(tmp_path, confirmed=True)
    assert asked(tmp_path) == []
    assert load(tmp_path), "what is in force is not asked about again"


def test_what_several_files_ask_is_told_at_once(tmp_path: Path) -> None:
    load(write(tmp_path, **{name: before for name, (before, _, _) in CHANGES.items()}))
    catch_up(now())
    with pytest.raises(MustBeConfirmed) as refused:
        load(write(tmp_path, **{name: after for name, (_, after, _) in CHANGES.items()}))
    assert {one.partition(".yaml:")[0] for one in str(refused.value).splitlines()} == set(CHANGES)


def test_a_small_change_is_imported_without_a_word(tmp_path: Path) -> None:
    load(write(tmp_path, dimension=dimension(50)))
    catch_up(now())
    assert asked(write(tmp_path, dimension=dimension(49))) == []
    assert load(tmp_path) == ["dimension Class 2"]


def test_what_moves_nobody_is_not_asked_about(tmp_path: Path) -> None:
    gap = dimension(50) | {"segments": dimension(50)["segments"][::2]}
    load(write(tmp_path, dimension=gap))
    catch_up(now())
    gap["segments"][0] |= {"capacity": 20}
    assert asked(write(tmp_path, dimension=gap)) == []
    gap["segments"][0] |= {"condition": at_least("employees", 49)}
    (told,) = asked(write(tmp_path, dimension=gap))
    assert "belongs nowhere" in told


def test_what_asks_for_a_fact_of_the_same_folder_is_told_later(tmp_path: Path) -> None:
    load(write(tmp_path, risk=risk(FEW)))
    catch_up(now())
    seats = {"key": "seats_wanted", "label": "Seats wanted", "type": "number", "meaning": "Seats they ask for."}
    write(tmp_path, facts={"kind": "custom_facts", "facts": [seats]}, risk=risk(at_least("seats_wanted", 5)))
    assert asked(tmp_path) == [LATER]
    with pytest.raises(MustBeConfirmed, match="come into another tier|would be high"):
        load(tmp_path)


def test_the_command_says_how_to_go_on(tmp_path: Path) -> None:
    load(write(tmp_path, risk=risk(FEW)))
    catch_up(now())
    write(tmp_path, risk=risk(MANY))
    out, err = io.StringIO(), io.StringIO()
    call_command("playbook", "diff", str(tmp_path), stdout=out)
    assert "  to be confirmed: 5 of 5 accounts (100 %) come into another tier." in out.getvalue().splitlines()
    with pytest.raises(SystemExit) as ended:
        call_command("playbook", "import", str(tmp_path), stderr=err)
    assert ended.value.code == 2
    assert err.getvalue().endswith("Nothing was imported. If you want it so, import again with --confirm.\n")
    call_command("playbook", "import", str(tmp_path), "--confirm", stdout=out)
    assert out.getvalue().endswith("renewal risk: 1 signals\n")
