"""How long until something happens, where it has not happened for everybody yet."""

from collections.abc import Mapping

Times = Mapping[tuple[float, bool], int]


def median(times: Times) -> float | None:
    """The time by which half had the event, after Kaplan and Meier; None where fewer than half are known to have.

    `times` counts (time, whether the event came then): without the event, the time is how long somebody was looked at
    (*right-censored*), infinite for those to whom it can come no more. Leaving the others out would flatter the figure:
    who is quick is always seen first.
    """
    return quantile(times, 0.5)


def quantile(times: Times, share: float) -> float | None:
    """The time by which this share had the event; None where fewer are known to have."""
    return next((time for time, had in curve(times) if had >= share - 1e-12), None)


def curve(times: Times) -> list[tuple[float, float]]:
    """Each time at which the event came to somebody, with the share that had it by then."""
    at_risk, without, found = sum(times.values()), 1.0, []
    for time in sorted({time for time, _ in times}):
        events, censored = times.get((time, True), 0), times.get((time, False), 0)
        if events:
            without *= 1 - events / at_risk
            found.append((time, 1 - without))
        at_risk -= events + censored
    return found
