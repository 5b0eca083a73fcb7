"""What is bounded, and kept for a time."""

import factory
from factory.django import DjangoModelFactory

from accounts.keeping.models import KeptPeriod
from accounts.limits.models import Crossing
from tests.factories.accounts.times import AT


class KeptPeriodFactory(DjangoModelFactory):
    class Meta:
        model = KeptPeriod

    name = factory.Sequence("kind_{}".format)
    days = 30


class CrossingFactory(DjangoModelFactory):
    class Meta:
        model = Crossing

    limit = factory.Sequence("limit_{}".format)
    used = 4_000
    bound = 5_000
    crossed_at = AT
