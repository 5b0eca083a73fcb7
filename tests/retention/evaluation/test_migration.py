"""Words of 63 watches become words of 62: every bit goes to where its slot is now."""

import random
from importlib import import_module

from retention.evaluation.models import WORD, WORDS

migration = import_module("retention.migrations.0002_one_standing_an_account")


def test_bits_move_with_their_slots() -> None:
    assert migration.split({0: 1 << 62, 1: 1})[:2] == [0, 0b11]
    chance = random.Random(1)
    for _ in range(50):
        slots = set(chance.sample(range(WORD * WORDS), 40))
        before: dict[int, int] = {}
        for slot in slots:
            before[slot // 63] = before.get(slot // 63, 0) | 1 << slot % 63
        words = migration.split(before)
        assert {slot for slot in range(WORD * WORDS) if words[slot // WORD] >> slot % WORD & 1} == slots
        assert all(0 <= word < 1 << WORD for word in words)
