"""What people asked of us about their data."""

import factory
from factory.django import DjangoModelFactory

from accounts.foundation.sealing import seal
from accounts.privacy.models import ErasedName, Pepper, PersonRequest
from tests.factories.accounts.times import AT


class PersonRequestFactory(DjangoModelFactory):
    class Meta:
        model = PersonRequest

    kind = "erasure"
    at = AT


class ErasedNameFactory(DjangoModelFactory):
    class Meta:
        model = ErasedName

    digest = factory.Sequence("{:064x}".format)
    request = factory.SubFactory(PersonRequestFactory)


class PepperFactory(DjangoModelFactory):
    class Meta:
        model = Pepper
        django_get_or_create = ("id",)

    id = 1
    sealed = factory.LazyFunction(lambda: seal("pepper"))
