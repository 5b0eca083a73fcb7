"""Signals of people who were erased: they are taken, counted and forgotten."""

from collections.abc import Iterator

from accounts.ingestion.batches import Batch
from accounts.ingestion.signals import Signal
from accounts.privacy import staying_away


def taken_out(batch: Batch) -> list[Signal]:
    """Removes the signals of erased people from `batch`, also those that would have to wait; returns the former."""
    if not staying_away.anybody():
        return []
    source = batch.source.pk
    waiting = {staying_away.called(source, row.user_value) for row in batch.held if row.user_value}
    erased = staying_away.among({name for signal in batch.signals for name in _names(signal, source)} | waiting)
    if not erased:
        return []
    gone = [signal for signal in batch.signals if erased.intersection(_names(signal, source))]
    dropped = {id(signal) for signal in gone}
    batch.signals = [signal for signal in batch.signals if id(signal) not in dropped]
    batch.held = [row for row in batch.held if staying_away.called(source, row.user_value) not in erased]
    return gone


def _names(signal: Signal, source: int) -> Iterator[str]:
    if signal.user:
        yield staying_away.called(source, signal.user)
    if signal.anonymous:
        yield staying_away.called(source, signal.anonymous)
    if signal.traits and isinstance(signal.traits.email, str):
        yield staying_away.email(signal.traits.email)
