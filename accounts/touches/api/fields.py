"""How people at the customer are named, and how a refusal of a service is answered."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError as Invalid
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.fields import empty

from accounts.stakeholders.models import Stakeholder
from accounts.team.rest import Conflict

LARGEST = 2**63 - 1


class StakeholderField(serializers.IntegerField):
    """Names a stakeholder by id; one whom the caller may not see does not exist. Validates to the stakeholder."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "Id of a stakeholder of the account.")
        super().__init__(min_value=1, max_value=LARGEST, **kwargs)

    def run_validation(self, data: Any = empty) -> Any:
        pk = super().run_validation(data)
        if pk is None:
            return None
        found = Stakeholder.objects.for_user(self.context["request"].user).filter(pk=pk).first()
        if found is None:
            raise ValidationError(f"There is no stakeholder {pk}; see /api/v1/stakeholders/.")
        return found

    def to_representation(self, value: Any) -> Any:
        return value.pk


def people(**kwargs: Any) -> serializers.ListField:
    """Several stakeholders of the account, by id."""
    return serializers.ListField(child=StakeholderField(), required=False, max_length=100, **kwargs)


@contextmanager
def conflicts() -> Iterator[None]:
    """Answers 409 where a service says that the row is no longer in the state it needs."""
    try:
        yield
    except Invalid as refused:
        if hasattr(refused, "error_dict"):
            raise
        raise Conflict(" ".join(refused.messages)) from None
