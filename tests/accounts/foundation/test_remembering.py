"""Within one piece of work the same question is asked once; outside of it every time."""

import pytest

from accounts.foundation.remembering import remembered, remembering


@pytest.fixture
def asked():
    return []


@pytest.fixture
def ask(asked):
    @remembered
    def ask(what, *, loudly=False):
        asked.append(what)
        return what.upper() if loudly else what

    return ask


def test_outside_of_a_piece_of_work_everything_is_asked_again(ask, asked):
    assert [ask("a"), ask("a")] == ["a", "a"]
    assert asked == ["a", "a"]


def test_within_one_each_question_is_asked_once(ask, asked):
    with remembering():
        assert [ask("a"), ask("b"), ask("a"), ask("a", loudly=True)] == ["a", "b", "a", "A"]
    assert asked == ["a", "b", "a"]


def test_the_next_piece_of_work_asks_anew(ask, asked):
    for _ in range(2):
        with remembering():
            ask("a")
    assert asked == ["a", "a"]


def test_a_piece_within_another_knows_what_that_knows(ask, asked):
    with remembering():
        ask("a")
        with remembering():
            ask("a")
            ask("b")
        ask("b")
    assert asked == ["a", "b"]


def test_what_failed_is_asked_again(asked):
    @remembered
    def fails():
        asked.append("once more")
        raise LookupError

    with remembering():
        for _ in range(2):
            with pytest.raises(LookupError):
                fails()
    assert len(asked) == 2
