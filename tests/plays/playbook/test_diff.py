"""What importing a folder would change, told before it is done."""

import io

import pytest
from django.core.management import call_command

from accounts.foundation.models import AuditEntry
from plays.playbook.queries import Change, differences, exported
from plays.playbook.services import import_folder
from plays.playbook.writing import write_folder
from tests import trail
from tests.cast import STARTER
from tests.factories.accounts import AT
from tests.plays.playbook.folders import EVERY_KEY, GOOD, changed, write
from tests.plays.playbook.in_force import put_into_force

pytestmark = pytest.mark.django_db
NAMES = [
    "role analyst",
    "business calendar office",
    "product essentials",
    "feature reports",
    "fact bugs_open",
    "ideal profile",
    "dimension company_class",
    "milestone to value first_value",
    "lifecycle journey",
    "health plain",
    "coverage policy",
    "audience champions",
    "renewal risk",
    "plan template data_lead",
    "handoff to_service",
    "play usage_drop",
]


@pytest.fixture
def good(tmp_path):
    """A folder that is in force."""
    put_into_force("good", write(tmp_path, **GOOD))
    return tmp_path


def told(folder) -> dict[str, str]:
    return {difference.name: difference.change for difference in differences(folder, at=AT)}


def run(folder) -> str:
    out = io.StringIO()
    call_command("playbook", "diff", str(folder), stdout=out)
    return out.getvalue()


def test_a_folder_that_nobody_imported_is_new(tmp_path):
    assert told(write(tmp_path, **GOOD)) == dict.fromkeys(NAMES, Change.NEW)


def test_a_folder_that_is_in_force_is_unchanged(good):
    assert told(good) == dict.fromkeys(NAMES, Change.UNCHANGED)


@pytest.mark.parametrize("folder", ["starter", "every"])
def test_an_export_is_unchanged(folder, tmp_path):
    (tmp_path / "every").mkdir()
    source = STARTER if folder == "starter" else write(tmp_path / "every", **EVERY_KEY)
    put_into_force(folder, source)
    write_folder(tmp_path / "out", exported())
    assert set(told(tmp_path / "out").values()) == {Change.UNCHANGED}
    assert set(told(source).values()) == {Change.UNCHANGED}


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("role", "grants", {"accounts": "view  all"}),
        ("lifecycle", "stages.0.passing", False),
        ("lifecycle", "stages.0.leave", None),
        ("dimension", "meaning", None),
        ("dimension", "segments.0.products", []),
        ("play", "trigger.entered", {"value": 3.0, "operator": "lessThan", "fact": "active_users_30d"}),
        ("play", "trigger.rearmed", None),
        ("play", "after_stop", "once"),
        ("custom_facts", "facts.0.use", "internal triggers only"),
        ("custom_facts", "facts.0.unit", None),
    ],
)
def test_the_same_said_in_other_words_is_unchanged(kind, path, value, good):
    write(good, **{kind: changed(kind, path, value)})
    trail.forget()
    assert set(told(good).values()) == {Change.UNCHANGED}
    import_folder(good, by=None, at=AT)
    assert not AuditEntry.objects.exists(), "and importing it agrees"


@pytest.mark.parametrize(
    ("kind", "path", "value", "name"),
    [
        ("role", "grants", {"accounts": "edit all"}, "role analyst"),
        ("products", "products.0.active", False, "product essentials"),
        ("tracking_plan", "features.0.events", ["Other"], "feature reports"),
        ("custom_facts", "facts.0.unit", "tickets", "fact bugs_open"),
        ("lifecycle", "stages.0.enter_after_days", 14, "lifecycle journey"),
        ("lifecycle", "primary", False, "lifecycle journey"),
        ("dimension", "segments.0.capacity", 20, "dimension company_class"),
        ("dimension", "meaning", "How large it is.", "dimension company_class"),
        ("play", "trigger.after_days", 3, "play usage_drop"),
        ("play", "name", "Another", "play usage_drop"),
    ],
)
def test_one_thing_changed_is_the_one_that_is_told(kind, path, value, name, good):
    write(good, **{kind: changed(kind, path, value)})
    assert told(good) == dict.fromkeys(NAMES, Change.UNCHANGED) | {name: Change.CHANGED}
    trail.forget()
    import_folder(good, by=None, at=AT)
    assert AuditEntry.objects.exists(), "and importing it agrees"


def test_what_the_folder_does_not_have_comes_last(good):
    (good / "custom_facts.yaml").unlink()
    write(good, tracking_plan=changed("tracking_plan", "features.0.key", "other"))
    assert list(told(good).items())[-2:] == [
        ("feature reports", Change.ONLY_HERE),
        ("fact bugs_open", Change.ONLY_HERE),
    ]
    assert told(good)["feature other"] is Change.NEW


def test_the_command_shows_the_lines_that_differ(good):
    body = changed("play", "steps.0.due", "2 bd")
    write(good, play={**body, "trigger": {"after_days": 3, **body["trigger"]}})
    (good / "role.yaml").unlink()
    assert run(good).splitlines() == [
        *(f"unchanged  {name}" for name in NAMES[1:-1]),
        "changed    play usage_drop",
        "--- in force",
        "+++ play.yaml",
        "@@ -4,10 +4,11 @@",
        " class: critical",
        " trigger:",
        "   entered: {fact: active_users_30d, operator: lessThan, value: 3}",
        "+  after_days: 3",
        " again_after_days: 60",
        " steps:",
        "   - key: call",
        "     kind: human_task",
        "     owner: csm",
        "     title: Call {account}",
        "-    due: 1 bd",
        "+    due: 2 bd",
        "only here  role analyst",
    ]


def test_nothing_is_changed_by_asking(good):
    before = exported()
    trail.forget()
    run(write(good, play=changed("play", "steps.0.due", "2 bd")))
    assert exported() == before
    assert not AuditEntry.objects.exists()


def test_a_folder_that_could_not_be_imported_is_refused(good):
    err = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("playbook", "diff", str(write(good, play=changed("play", "class", "whenever"))), stderr=err)
    assert ended.value.code == 2
    assert err.getvalue().startswith("play.yaml:5: class: expected one of")
