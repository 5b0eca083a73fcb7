"""Three-valued truth: true, false, or unknown (`None`).

"Could not tell" is neither yes nor no, and stays itself through every connective (Kleene's strong logic). Unknown
spreads only where it matters: one false settles an *all*, one true settles an *any*, whatever the rest may be.
"""

from collections.abc import Iterable

Truth = bool | None


def all_of(truths: Iterable[Truth]) -> Truth:
    """False if any is false, else unknown if any is unknown, else true. Of nothing: true. Stops at the first false."""
    verdict: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            verdict = None
    return verdict


def any_of(truths: Iterable[Truth]) -> Truth:
    """True if any is true, else unknown if any is unknown, else false. Of nothing: false. Stops at the first true."""
    verdict: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            verdict = None
    return verdict


def negate(truth: Truth) -> Truth:
    """The opposite of true or false; unknown stays unknown, which is why `not truth` would be wrong."""
    return None if truth is None else not truth
