"""The guide to playbook files shows every kind, in files that can be imported as they stand there."""

import re
from pathlib import Path

import pytest

from accounts.facts.lookup import forget_custom_facts
from plays.playbook.queries import exported
from plays.playbook.registry import kinds
from plays.playbook.services import import_folder
from tests.factories.accounts import AT

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "playbook-files.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture
def folder(tmp_path):
    for number, text in enumerate(EXAMPLES):
        (tmp_path / f"{number}.yaml").write_text(text)
    yield tmp_path
    forget_custom_facts()


@pytest.mark.django_db
def test_the_examples_can_be_imported_together(folder):
    assert len(import_folder(folder, by=None, at=AT)) == len(EXAMPLES)
    assert len(exported()) == len(EXAMPLES)


def test_there_is_an_example_of_every_kind():
    assert {text.splitlines()[0] for text in EXAMPLES} == {f"kind: {name}" for name in kinds}
