"""Secrets of other systems are stored sealed, and stay readable while keys change."""

import pytest

from accounts.foundation.sealing import Unreadable, reseal, seal, unseal


def test_nobody_reads_what_is_sealed():
    sealed = seal("whsec_abc")
    assert "abc" not in sealed
    assert unseal(sealed) == "whsec_abc"
    assert seal("whsec_abc") != sealed


def test_a_key_is_replaced_in_three_steps(settings):
    settings.SECRETS_KEYS = ["old"]
    sealed = seal("word")
    settings.SECRETS_KEYS = ["new", "old"]
    assert unseal(sealed) == "word"
    again = reseal(sealed)
    settings.SECRETS_KEYS = ["new"]
    assert unseal(again) == "word"
    with pytest.raises(Unreadable, match="SECRETS_KEYS"):
        unseal(sealed)
