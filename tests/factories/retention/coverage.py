"""A coverage policy with its lines and roles."""

import factory
from factory.django import DjangoModelFactory

from accounts.stakeholders.models import StakeholderRole
from retention.coverage.models import CoverageLine, CoveragePolicyVersion, CoverageRole
from tests.factories.accounts import AT, UserFactory


class CoveragePolicyVersionFactory(DjangoModelFactory):
    class Meta:
        model = CoveragePolicyVersion

    number = factory.Sequence(lambda number: number + 1000)
    published_at = AT
    published_by = factory.SubFactory(UserFactory)
    segments_by = "service_tier"


class CoverageLineFactory(DjangoModelFactory):
    class Meta:
        model = CoverageLine

    version = factory.SubFactory(CoveragePolicyVersionFactory)
    position = factory.Sequence(lambda number: number)
    segment = factory.Sequence("segment-{}".format)


class CoverageRoleFactory(DjangoModelFactory):
    class Meta:
        model = CoverageRole

    line = factory.SubFactory(CoverageLineFactory)
    role = factory.Iterator(StakeholderRole.Role.values)
