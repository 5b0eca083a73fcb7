"""Whatever is wrong in a playbook file is told as file:line: path: message, and never with a traceback."""

import pytest

from plays.playbook.files import MOST_VALUES, PlaybookRefused
from plays.playbook.registry import kinds
from plays.playbook.services import import_folder
from tests.factories.accounts import AT
from tests.plays.playbook.calendars import BAD_CALENDARS
from tests.plays.playbook.folders import GONE, GOOD, changed, write

pytestmark = pytest.mark.django_db


def refusal(folder) -> list[str]:
    with pytest.raises(PlaybookRefused) as refused:
        import_folder(folder, by=None, at=AT)
    return str(refused.value).splitlines()


LONG = "x" * 300
BAD = [
    *BAD_CALENDARS,
    # kind, path, value, line and place, part of the message
    ("role", "home", GONE, "1", "home is missing"),
    ("role", "colour", "red", "8: colour", "unknown key; known are description, grants, home, key, name"),
    ("role", "key", "No Key", "2: key", "lower-case letters"),
    ("role", "key", 7, "2: key", "lower-case letters"),
    ("role", "key", "x" * 81, "2: key", "longer than 80"),
    ("role", "name", "", "3: name", "expected some text"),
    ("role", "name", LONG, "3: name", "longer than 120"),
    ("role", "description", ["Reads."], "4: description", "expected some text"),
    ("role", "description", None, "4: description", "expected some text"),
    ("role", "home", "nowhere", "5: home", "expected one of csm, operator"),
    ("role", "home", ["csm"], "5: home", "expected one of csm, operator"),
    ("role", "grants", "all", "6: grants", "expected areas"),
    ("role", "grants", {"everything": "view all"}, "7: grants.everything", "expected one of accounts, work"),
    ("role", "grants", {"work": "all"}, "7: grants.work", "such as `edit own`"),
    ("role", "grants", {"work": "edit galaxy"}, "7: grants.work", "view or edit, then own, team or all"),
    ("role", "grants", {"work": ["edit", "own"]}, "7: grants.work", "such as `edit own`"),
    ("tracking_plan", "features", [], "2: features", "a list of at least one"),
    ("tracking_plan", "features", ["reports"], "2: features", "a list of at least one"),
    ("tracking_plan", "features.0.tier", GONE, "3: features[0]", "tier is missing"),
    ("tracking_plan", "features.0.key", "No Key", "3: features[0].key", "lower-case"),
    ("tracking_plan", "features.0.tier", "gold", "5: features[0].tier", "core, advanced"),
    ("tracking_plan", "features.0.events", [], "6: features[0].events", "a list of event names"),
    ("tracking_plan", "features.0.events", [4], "6: features[0].events", "a list of event names"),
    ("tracking_plan", "features.0.events", "Viewed", "6: features[0].events", "a list of event names"),
    ("custom_facts", "facts", [], "2: facts", "a list of at least one"),
    ("custom_facts", "facts", "none", "2: facts", "a list of at least one"),
    ("custom_facts", "facts.0.type", GONE, "3: facts[0]", "type is missing"),
    ("custom_facts", "facts.0.colour", "red", "7: facts[0].colour", "known are key, label, meaning, type, unit, use"),
    ("custom_facts", "facts.0.key", "No Key", "3: facts[0].key", "lower-case"),
    ("custom_facts", "facts.0.key", "arr", "3: facts[0].key", "arr is a fact of the product; choose another key"),
    ("custom_facts", "facts.0.label", "x" * 81, "4: facts[0].label", "longer than 80"),
    ("custom_facts", "facts.0.type", "colour", "5: facts[0].type", "expected one of number, ratio, money"),
    ("custom_facts", "facts.0.type", ["text"], "5: facts[0].type", "expected one of number, ratio, money"),
    ("custom_facts", "facts.0.meaning", "", "6: facts[0].meaning", "some text"),
    ("custom_facts", "facts.0.unit", "x" * 41, "7: facts[0].unit", "longer than 40"),
    ("custom_facts", "facts.0.unit", "", "7: facts[0].unit", "some text"),
    ("custom_facts", "facts.0.use", "sometimes", "7: facts[0].use", "expected one of may be named to the customer"),
    ("products", "products", [], "2: products", "a list of at least one"),
    ("products", "products.0.kind", GONE, "3: products[0]", "kind is missing"),
    ("products", "products.0.price", 9, "7: products[0].price", "known are active, description, key, kind, name"),
    ("products", "products.0.key", "No Key", "3: products[0].key", "lower-case"),
    ("products", "products.0.name", LONG, "4: products[0].name", "longer than 120"),
    ("products", "products.0.kind", "bundle", "5: products[0].kind", "expected one of plan, add_on, service"),
    ("products", "products.0.description", LONG, "6: products[0].description", "longer than 250"),
    ("products", "products.0.active", "yes please", "7: products[0].active", "true or false"),
    ("lifecycle", "stages", {}, "5: stages", "a list of at least one"),
    ("lifecycle", "primary", "yes please", "4: primary", "true or false"),
    ("lifecycle", "stages.0.enter", GONE, "6: stages[0]", "enter is missing"),
    ("lifecycle", "stages.0.key", ["won"], "6: stages[0].key", "lower-case"),
    ("lifecycle", "stages.0.meaning", "", "8: stages[0].meaning", "some text"),
    ("lifecycle", "stages.0.passing", 3, "12: stages[0].passing", "true or false"),
    ("lifecycle", "stages.0.enter.fact", "mood", "10: stages[0].enter.fact", "mood"),
    ("lifecycle", "stages.0.enter", {"all": []}, "10: stages[0].enter.all", "is empty"),
    ("lifecycle", "stages.0.leave", "never", "12: stages[0].leave", ""),
    ("lifecycle", "stages.0.enter_after_days", 0, "12: stages[0].enter_after_days", "from 1 to 3650"),
    ("lifecycle", "stages.0.enter_after_days", 3651, "12: stages[0].enter_after_days", "from 1 to 3650"),
    ("lifecycle", "stages.0.leave_after_days", 1.5, "12: stages[0].leave_after_days", "from 1 to 3650"),
    ("lifecycle", "stages.0.leave_after_days", True, "12: stages[0].leave_after_days", "from 1 to 3650"),
    ("play", "class", "whenever", "5: class", "expected one of critical"),
    ("play", "purpose", LONG, "4: purpose", "longer than 250"),
    ("play", "trigger", "entered", "6: trigger", "expected `entered` with a condition"),
    ("play", "trigger", {"left": {}}, "6: trigger", "expected `entered` with a condition"),
    (
        "play",
        "trigger",
        {"window": {}, "entered": {}},
        "6: trigger",
        "expected `entered` with a condition, or `window`",
    ),
    ("play", "trigger", {"window": 90}, "7: trigger.window", "expected `fact` and `days`"),
    ("play", "trigger", {"window": {"fact": "arr", "days": 9}}, "8: trigger.window.fact", "contract_end_date"),
    ("play", "trigger", {"window": {"fact": "decision_date"}}, "7: trigger.window.days", "whole number"),
    (
        "play",
        "trigger",
        {"window": {"fact": "decision_date", "days": 9, "until": 10}},
        "10: trigger.window.until",
        "most 9",
    ),
    (
        "play",
        "trigger",
        {"window": {"fact": "decision_date", "days": 9, "hour": 24}},
        "10: trigger.window.hour",
        "0 to 23",
    ),
    (
        "play",
        "trigger",
        {"window": {"fact": "decision_date", "days": 9, "on": 1}},
        "10: trigger.window.on",
        "unknown key",
    ),
    *(
        ("play", "trigger", {kind: body}, f"{line}: trigger.{kind}{place}", message)
        for kind, body, line, place, message in [
            ("event", "deal.won", 7, "", "expected `kind`"),
            ("event", {}, 7, ".kind", "expected one of account.assigned"),
            ("event", {"kind": "deal.eaten"}, 8, ".kind", "expected one of account.assigned"),
            ("event", {"kind": ["deal.won"]}, 8, ".kind", "expected one of account.assigned"),
            ("event", {"kind": "run.ended"}, 8, ".kind", "plays bring this about themselves"),
            ("event", {"kind": "deal.won", "when": 1}, 9, ".when", "unknown key; an event has kind, where"),
            ("event", {"kind": "deal.won", "where": {"all": []}}, 10, ".where.all", "is empty"),
            ("event", {"kind": "deal.won", "where": {"fact": "x"}}, 9, ".where.operator", "is missing"),
            (
                "event",
                {"kind": "deal.won", "where": {"fact": "user", "operator": "equal", "value": 7}},
                9,
                ".where",
                "names one of our people",
            ),
            ("signal", "Exported", 7, "", "expected `event` with the name"),
            ("signal", {}, 7, "", "expected either `event`"),
            ("signal", {"event": "a", "feature": "b"}, 7, "", "expected either `event`"),
            ("signal", {"event": ""}, 8, ".event", "1 to 200 characters"),
            ("signal", {"event": ["a"]}, 8, ".event", "1 to 200 characters"),
            ("signal", {"event": "a", "name": "b"}, 9, ".name", "unknown key"),
            ("cadence", "weekly", 7, "", "expected `every`"),
            ("cadence", {"every": 0, "unit": "weeks", "anchor": "2026-01-01"}, 8, ".every", "1 to 366"),
            ("cadence", {"every": True, "unit": "weeks", "anchor": "2026-01-01"}, 8, ".every", "1 to 366"),
            ("cadence", {"every": 1, "unit": "years", "anchor": "2026-01-01"}, 9, ".unit", "days, weeks, months"),
            ("cadence", {"every": 1, "unit": ["days"], "anchor": "2026-01-01"}, 9, ".unit", "days, weeks, months"),
            ("cadence", {"every": 1, "unit": "days", "anchor": "2026-02-30"}, 10, ".anchor", "the first day"),
            ("cadence", {"every": 1, "unit": "days", "anchor": "9999-12-31"}, 10, ".anchor", "the first day"),
            ("cadence", {"every": 1, "unit": "days", "anchor": "2026-W01-1"}, 10, ".anchor", "the first day"),
            ("cadence", {"every": 1, "unit": "days", "anchor": "2026-01-01", "hour": 24}, 11, ".hour", "0 to 23"),
            ("cadence", {"every": 1, "unit": "days", "anchor": "2026-01-01", "zone": "Mars"}, 11, ".zone", "time zone"),
            ("cadence", {"every": 1, "unit": "days", "anchor": "2026-01-01", "zone": ""}, 11, ".zone", "time zone"),
            ("cadence", {"every": 1, "unit": "days", "anchor": "2026-01-01", "for": []}, 11, ".for", "expected"),
            ("cadence", {"every": 1, "unit": "days", "anchor": "2026-01-01", "on": 1}, 11, ".on", "unknown key"),
        ]
    ),
    ("play", "trigger", {"signal": {"feature": "telepathy"}}, "6: trigger", "no feature telepathy"),
    ("play", "after_stop", "later", "18: after_stop", "expected one of skip, once, catch_up"),
    ("play", "trigger.entered.operator", "near", "9: trigger.entered.operator", "near"),
    ("play", "trigger.entered.value", "three", "10: trigger.entered.value", ""),
    ("play", "trigger.left", 1, "11: trigger.left", "unknown key; known are after_days, entered, rearmed"),
    ("play", "trigger.after_days", 0, "11: trigger.after_days", "from 1 to 3650"),
    ("play", "trigger.after_days", "3", "11: trigger.after_days", "from 1 to 3650"),
    ("play", "trigger.rearmed", "never", "11: trigger.rearmed", "expected an object"),
    ("play", "trigger.rearmed", {"any": []}, "12: trigger.rearmed.any", "is empty"),
    ("play", "again_after_days", 0, "11: again_after_days", "from 1 to 3650"),
    ("play", "again_after_days", True, "11: again_after_days", "from 1 to 3650"),
    ("play", "again_after_days", "60", "11: again_after_days", "from 1 to 3650"),
    ("play", "steps", [], "12: steps", "a list of at least one"),
    ("play", "steps.0.kind", "dance", "14: steps[0].kind", "expected one of human_task"),
    ("play", "steps.0.kind", ["human_task"], "14: steps[0].kind", "expected one of human_task"),
    ("play", "steps.0.kind", GONE, "13: steps[0].kind", "expected one of human_task"),
    ("play", "steps.0.key", GONE, "13: steps[0].key", "lower-case"),
    ("play", "steps.0.key", {"a": 1}, "13: steps[0].key", "lower-case"),
    ("play", "steps.0.owner", "boss", "15: steps[0].owner", "expected one of csm"),
    ("play", "steps.0.due", "soon", "17: steps[0].due", "Write 4 bh"),
    ("play", "steps.0.colour", "red", "18: steps[0].colour", "unknown key"),
]


@pytest.mark.parametrize(("kind", "path", "value", "place", "message"), BAD)
def test_names_the_line_and_the_place(kind, path, value, place, message, tmp_path):
    [line] = refusal(write(tmp_path, bad=changed(kind, path, value)))
    assert line.startswith(f"bad.yaml:{place}: ")
    assert message in line


@pytest.mark.parametrize(
    ("kind", "rows", "place"),
    [
        ("lifecycle", "stages", "12: stages[1].key: another stage has this key already"),
        ("play", "steps", "18: steps[1].key: another step has this key already"),
        ("tracking_plan", "features", "8: features[1].key: another feature has this key already"),
        ("custom_facts", "facts", "7: facts[1].key: another fact has this key already"),
    ],
)
def test_a_key_stands_once(kind, rows, place, tmp_path):
    [first] = GOOD[kind][rows]
    twin = {**first, "events": ["Other"]} if kind == "tracking_plan" else dict(first)
    assert refusal(write(tmp_path, bad=changed(kind, rows, [first, twin]))) == [f"bad.yaml:{place}"]


def plan(**sections: object) -> dict[str, object]:
    return {"kind": "tracking_plan", **sections}


MILESTONE = {"key": "activated", "name": "Activated", "events": ["Report Viewed"]}
INTENT = {"key": "pricing", "name": "Pricing", "paths": ["/pricing*"]}


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (plan(), "1: features is missing"),
        (plan(milestones=[]), "2: milestones: expected a list of at least one entry"),
        (plan(milestones=[{**MILESTONE, "tier": "core"}]), "7: milestones[0].tier: unknown key; known are"),
        (plan(milestones=[{**MILESTONE, "events": []}]), "5: milestones[0].events: expected a list of event names"),
        (plan(milestones=[MILESTONE, dict(MILESTONE)]), "7: milestones[1].key: another milestone has this key already"),
        (plan(intents=[{**INTENT, "paths": [7]}]), "5: intents[0].paths: expected a list of paths such as /pricing*"),
        (plan(intents=[{**INTENT, "paths": ["pricing"]}]), "5: intents[0].paths: 'pricing' is no path; a path begins"),
    ],
)
def test_milestones_and_intents_are_checked_like_features(body, line, tmp_path):
    [found] = refusal(write(tmp_path, bad=body))
    assert found.startswith(f"bad.yaml:{line}")


def test_an_event_stands_for_one_feature(tmp_path):
    [first] = GOOD["tracking_plan"]["features"]
    body = changed("tracking_plan", "features", [first, {**first, "key": "other", "events": ["Report Viewed"]}])
    assert refusal(write(tmp_path, bad=body)) == [
        "bad.yaml:11: features[1].events: 'Report Viewed' already stands for another feature"
    ]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "expected a mapping with `kind`"),
        ("- a list", 1, "expected a mapping with `kind`"),
        ("key: x", 1, "expected a mapping with `kind`"),
        ("kind: [role]", 1, "expected a mapping with `kind`"),
        (
            "kind: poem\nkey: x",
            1,
            f"expected one of {', '.join(kinds)}",
        ),
        ("kind: role\nkey: a\nname: x\nkey: b", 4, "key stands here twice"),
        ("kind: role\ngrants:\n  work: view all\n  work: edit all", 4, "work stands here twice"),
        ("kind: role\n  key: [", 2, "is not YAML"),
        ("kind: role\nkey: a\n---\nkind: role", 3, "is not YAML"),
        ("kind: !!python/object/apply:os.system ['true']", 1, "expected a mapping with `kind`"),
        ("kind: role\nname: 2026-02-30", 2, "2026-02-30"),
        ("kind: role\nname: !!int twelve", 2, "twelve"),
        ("kind: role\nname: 0x" + "f" * 5000, 2, "ffff: Exceeds the limit (4300 digits)"),
        ('kind: role\nname: "a\\0b"', 2, "no database stores"),
        ('kind: role\nname: "\\ud800"', 2, "no database stores"),
        ("kind: &a [*a]", 1, ""),
        ("kind: *nobody", 1, "is not YAML"),
    ],
)
def test_a_file_that_is_no_definition(text, line, message, tmp_path):
    [told] = refusal(write(tmp_path, bad=text))
    assert told.startswith(f"bad.yaml:{line}: ")
    assert message in told


def test_a_file_in_another_encoding(tmp_path):
    (tmp_path / "bad.yaml").write_bytes("kind: role\nname: Müller".encode("latin-1"))
    [line] = refusal(tmp_path)
    assert line.startswith("bad.yaml:1: is not YAML")


def test_a_file_that_is_too_large(tmp_path):
    assert refusal(write(tmp_path, bad="# " + "x" * 1024 * 1024)) == ["bad.yaml:1: is larger than 1 MiB"]


def test_a_file_whose_aliases_multiply(tmp_path):
    """A few lines that would become ten million values."""
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 8))
    [line] = refusal(write(tmp_path, bad=f"kind: role\nl0: &l0 [a]\n{levels}"))
    assert f"holds more than {MOST_VALUES} values" in line
