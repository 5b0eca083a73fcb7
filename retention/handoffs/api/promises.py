"""The register of promises of a handoff, on the REST API."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.team.rest import Conflict, NumberedViewSet
from retention.handoffs import services, sides
from retention.handoffs.api import shapes
from retention.handoffs.api.files import NUMBERS
from retention.handoffs.models import Handoff, Promise
from retention.slas.clocks import NotPossible as ClockNotPossible


class Promises(NumberedViewSet):
    """The verbs of handoffs that are about promises."""

    @extend_schema(request=shapes.PromiseDraft, responses=shapes.HandoffDetailSerializer)
    @action(detail=True, methods=["post"])
    def promises(self, request: Request, id: str) -> Response:  # noqa: A002
        """Writes a promise into the register."""
        handoff, values = self._filled_in(), self.body(shapes.PromiseDraft)
        return self.done(services.promise, handoff, **values)

    @extend_schema(
        operation_id="handoffs_change_promise",
        request=shapes.PromiseChange,
        responses=shapes.HandoffDetailSerializer,
    )
    @action(detail=True, methods=["patch"], url_path=rf"promises/(?P<number>{NUMBERS})")
    def promise(self, request: Request, id: str, number: str) -> Response:  # noqa: A002
        """Puts a promise right; whether it can be kept has to be said anew."""
        handoff, values = self._filled_in(), self.body(shapes.PromiseChange)
        one = self._promise(handoff, number)
        return self.done(lambda _, **given: services.change_promise(one, **given), handoff, **values)

    @extend_schema(operation_id="handoffs_take_back_promise", request=None, responses=shapes.HandoffDetailSerializer)
    @promise.mapping.delete
    def take_back(self, request: Request, id: str, number: str) -> Response:  # noqa: A002
        """Strikes a promise that was not made; answers with the handoff as it is then."""
        handoff = self._filled_in()
        one = self._promise(handoff, number)
        return self.done(lambda _, **given: services.take_back(one, **given), handoff)

    @extend_schema(request=shapes.Judgement, responses=shapes.HandoffDetailSerializer)
    @action(detail=True, methods=["post"])
    def judge(self, request: Request, id: str) -> Response:  # noqa: A002
        """The receiver says whether a promise can be kept."""
        handoff, values = self.get_object(), self.body(shapes.Judgement)
        found = handoff.promises.filter(pk=values.pop("promise")).first()
        if found is None:
            raise ValidationError({"promise": ["There is no such promise in this handoff."]})
        return self.done(lambda _, **given: services.judge(found, **given), handoff, **values)

    def _filled_in(self) -> Handoff:
        """The handoff, where the caller is of the side that fills it in."""
        handoff: Handoff = self.get_object()
        if not sides.may_fill(handoff, self.caller):
            raise Conflict("The other side writes promises down.")
        return handoff

    def _promise(self, handoff: Handoff, number: str) -> Promise:
        one: Promise | None = handoff.promises.filter(pk=number).first()
        if one is None:
            raise Http404
        return one

    def done(self, verb: Any, handoff: Handoff, **values: Any) -> Response:
        """Carries out a verb and answers with the handoff; 409 says what stands in the way."""
        try:
            verb(handoff, by=self.caller, at=now(), **values)
        except (services.NotPossible, services.Blocked, ClockNotPossible) as refused:
            raise Conflict(" ".join(refused.messages)) from None
        except Invalid as refused:
            if hasattr(refused, "error_dict"):
                raise
            raise Conflict(" ".join(refused.messages)) from None
        return self.answer(handoff)
