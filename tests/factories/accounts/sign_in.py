"""How people sign in."""

import factory
from factory.django import DjangoModelFactory

from accounts.foundation.sealing import seal
from accounts.sign_in.models import FactorRule, Identity, RecoveryCode, SecondFactor
from tests.factories.accounts.people import RoleFactory, UserFactory
from tests.factories.accounts.times import AT


class SecondFactorFactory(DjangoModelFactory):
    class Meta:
        model = SecondFactor

    user = factory.SubFactory(UserFactory)
    sealed = factory.LazyFunction(lambda: seal("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"))
    enabled_at = AT
    last_step = 0


class RecoveryCodeFactory(DjangoModelFactory):
    class Meta:
        model = RecoveryCode

    factor = factory.SubFactory(SecondFactorFactory)
    digest = factory.Sequence("{:064x}".format)


class FactorRuleFactory(DjangoModelFactory):
    class Meta:
        model = FactorRule

    role = factory.SubFactory(RoleFactory)


class IdentityFactory(DjangoModelFactory):
    class Meta:
        model = Identity

    user = factory.SubFactory(UserFactory)
    issuer = "https://login.anchor.example"
    subject = factory.Sequence("subject-{}".format)
    linked_at = AT
