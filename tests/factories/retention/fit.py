"""Rows of the ideal customer."""

import factory
from factory.django import DjangoModelFactory

from retention.fit.models import FitCriterion, IdealProfile
from tests.factories.accounts import AT
from tests.factories.retention.evaluation import CONDITION


class IdealProfileFactory(DjangoModelFactory):
    class Meta:
        model = IdealProfile
        django_get_or_create = ("id",)

    id = 1
    changed_at = AT


class FitCriterionFactory(DjangoModelFactory):
    class Meta:
        model = FitCriterion

    profile = factory.SubFactory(IdealProfileFactory)
    key = factory.Sequence("criterion-{}".format)
    label = "Not too small"
    weight = 50
    matches = factory.LazyFunction(lambda: dict(CONDITION))
    position = factory.Sequence(lambda number: number)
