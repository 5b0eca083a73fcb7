"""Rows of dimensions and segments."""

import factory
from factory.django import DjangoModelFactory

from retention.segments.models import AccountSegment, Dimension, DimensionVersion, Segment, SegmentChange
from tests.factories.accounts import AT, AccountFactory
from tests.factories.retention.evaluation import CONDITION


class DimensionFactory(DjangoModelFactory):
    class Meta:
        model = Dimension

    key = factory.Sequence("dimension-{}".format)
    name = "Adoption"


class DimensionVersionFactory(DjangoModelFactory):
    class Meta:
        model = DimensionVersion

    dimension = factory.SubFactory(DimensionFactory)
    number = 1
    published_at = AT


class SegmentFactory(DjangoModelFactory):
    class Meta:
        model = Segment

    version = factory.SubFactory(DimensionVersionFactory)
    key = factory.Sequence("segment-{}".format)
    name = "Regular"
    position = factory.Sequence(int)
    condition = factory.LazyFunction(lambda: dict(CONDITION))


class AccountSegmentFactory(DjangoModelFactory):
    class Meta:
        model = AccountSegment

    account = factory.SubFactory(AccountFactory)
    segment = factory.SubFactory(SegmentFactory)
    dimension = factory.LazyAttribute(lambda row: row.segment.version.dimension)
    since = AT


class SegmentChangeFactory(DjangoModelFactory):
    class Meta:
        model = SegmentChange

    account = factory.SubFactory(AccountFactory)
    to_segment = factory.SubFactory(SegmentFactory)
    dimension = factory.LazyAttribute(lambda row: row.to_segment.version.dimension)
    at = AT
    cause = "data"
