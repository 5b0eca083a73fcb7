"""Recorded answers of json-rules-engine, all facts known: there our language must say the same."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from retention.conditions.lines import answers

pytestmark = pytest.mark.real_inputs


@pytest.fixture
def recorded_lines() -> list[str]:
    folder = os.environ.get("REAL_INPUTS")
    if not folder:
        pytest.skip("REAL_INPUTS is not set, so there are no recorded conditions to compare with.")
    return (Path(folder) / "conditions" / "known_facts.jsonl").read_text(encoding="utf-8").splitlines()


def test_answers_as_the_recorded_engine_did(recorded_lines):
    expected = [json.dumps(json.loads(line)["expected"]) for line in recorded_lines]
    given = list(answers(recorded_lines, datetime(2026, 1, 31, tzinfo=UTC)))
    assert len(given) > 300
    assert [pair for pair in zip(recorded_lines, given, expected, strict=True) if pair[1] != pair[2]] == []
