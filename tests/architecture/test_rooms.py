"""Every folder has its decided place. Which way imports go is checked by `lint-imports`, from the same file."""

import pytest

from tests.architecture.code import APPS, ROOMY, ROOT, contract, ignored

BESIDE_ROOMS = {"templates", "static", "templatetags", "locale", "__pycache__"}
TOP = {*APPS, "tests", "docs", "requirements", "var"}


def folders(path):
    return {entry.name for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith((".", "__"))}


def test_every_folder_at_the_top_is_decided():
    undecided = folders(ROOT) - TOP - {"htmlcov", "staticfiles"}
    assert not undecided, f"{sorted(undecided)}: decide their place in .importlinter and here"


@pytest.mark.parametrize("app", ROOMY)
def test_every_folder_of_an_app_is_a_room_of_its_contract(app):
    rooms = {room for line in contract(app) for room, _ in line}
    undecided = folders(ROOT / app) - rooms - ignored(app) - BESIDE_ROOMS
    assert not undecided, f"{sorted(undecided)} of {app}: decide their place in .importlinter"


@pytest.mark.parametrize("app", ROOMY)
def test_parentheses_stand_around_the_rooms_that_are_not_built(app):
    built = folders(ROOT / app)
    wrong = [room for line in contract(app) for room, is_built in line if (room in built) != is_built]
    assert not wrong, f"{wrong} of {app}: a room is built and in parentheses, or neither"


def test_the_order_of_the_apps_is_the_contracts():
    assert [room for line in contract("apps") for room, _ in line] == list(APPS)


@pytest.mark.parametrize("app", ROOMY)
def test_a_contract_names_a_room_once(app):
    rooms = [room for line in contract(app) for room, _ in line]
    assert len(rooms) == len(set(rooms))
