"""Rows of the lists about segments."""

from collections.abc import Callable
from typing import Any

from tests.factories import retention


def a_dimension(number: int) -> None:
    published = retention.DimensionVersionFactory()
    retention.SegmentFactory.create_batch(2, version=published)


def a_segment_change(number: int) -> None:
    before = retention.SegmentFactory()
    after = retention.SegmentFactory(version=before.version)
    retention.SegmentChangeFactory(from_segment=before, to_segment=after, edge=retention.EdgeFactory())


SEGMENTS: dict[str, Callable[[int], Any]] = {
    "dimensions": a_dimension,
    "account-segments": lambda number: retention.AccountSegmentFactory(),
    "segment-changes": a_segment_change,
}
