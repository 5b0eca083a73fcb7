"""`Idempotency-Key` on the REST API, as draft-ietf-httpapi-idempotency-key-header describes it."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.core.exceptions import RequestDataTooBig
from django.db import Error as DatabaseError
from django.db import transaction
from django.http import HttpResponse, RawPostDataException, UnreadablePostError
from django.http.response import HttpResponseBase
from rest_framework.exceptions import APIException, ParseError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.foundation.clock import now
from accounts.idempotency import services
from accounts.idempotency.models import LONGEST_KEY
from accounts.idempotency.services import Answer, Call

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
PLAIN = re.compile(rf"[\x21\x23-\x5b\x5d-\x7e]{{1,{LONGEST_KEY}}}")
"""Visible ASCII without quotation marks and backslashes; the draft's quotation marks around it may be left out."""
REFUSALS = {400, 404, 409, 422}
"""Refusals that are final, and remembered: a repeat must not succeed later, behind the back of its sender."""


class BadKey(APIException):
    """The header does not hold a key."""

    status_code = 400
    default_detail = f"{HEADER} is 1 to {LONGEST_KEY} visible ASCII characters, without spaces, quotes and backslashes."
    default_code = "idempotency_key_malformed"


class KeyReused(APIException):
    """The same key came with another request before."""

    status_code = 422
    default_detail = f"This {HEADER} was sent with another request before: method, address or body differ."
    default_code = "idempotency_key_reused"


class StillRunning(APIException):
    """The first request under this key is being carried out."""

    status_code = 409
    default_detail = f"The first request with this {HEADER} is still running. Ask again for its answer."
    default_code = "idempotency_key_in_use"
    wait = 1


class AnswerLost(APIException):
    """The first request was carried out, and nobody can say with which answer."""

    status_code = 409
    default_detail = f"A request with this {HEADER} was carried out, but its answer can no longer be read."
    default_code = "idempotency_answer_lost"


class Large(APIException):
    """The body is larger than what is read at once, so nobody could tell a repeat."""

    status_code = 413
    default_detail = "The body is too large to be remembered under a key. Send less, or a file without a key."
    default_code = "too_large"


class Idempotent(APIView):
    """A view whose unsafe verbs are carried out once for a key, and answered alike as often as the key is sent."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After who it is, whether they may and how often is settled: puts the key in front of the verb."""
        super().initial(request, *args, **kwargs)
        verb = str(request.method).lower()
        if request.method in SAFE_METHODS or HEADER not in request.headers:
            return
        if handler := getattr(self, verb, None):
            key = _key(request.headers[HEADER])
            setattr(self, verb, partial(self._once, handler, key))

    def _once(
        self, handler: Callable[..., Response], key: str, /, request: Request, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        given: list[Response] = []

        def do() -> Answer | None:
            given.append(self._given(partial(handler, request, *args, **kwargs)))
            return _kept(given[0], request)

        call = Call(cast(int, request.user.pk), key, _fingerprint(request))
        try:
            answer = services.once(call, at=now(), do=do)
        except services.StillRunning:
            raise StillRunning from None
        except services.AnotherRequest:
            raise KeyReused from None
        except services.Lost:
            raise AnswerLost from None
        return given[0] if answer is None else _again(answer)

    def _given(self, handle: Callable[[], Response]) -> Response:
        """What the verb answers. A refusal that is final takes back what was written before it; others go on."""
        try:
            with transaction.atomic():
                return handle()
        except DatabaseError:  # the next try may succeed
            raise
        except Exception as error:
            response = self.get_exception_handler()(error, self.get_exception_handler_context())
            if response is None or response.status_code not in REFUSALS:
                raise
            return response


def _key(text: str) -> str:
    quoted = len(text) > 1 and text[0] == text[-1] == '"'
    key = text[1:-1] if quoted else text
    if not PLAIN.fullmatch(key):
        raise BadKey
    return key


def _fingerprint(request: Request) -> str:
    try:
        body = request.body
    except RequestDataTooBig:
        raise Large from None
    except UnreadablePostError as error:
        raise ParseError("The request ended early. Send it again.") from error
    except RawPostDataException:  # a form, which was read in search of its token; no verb takes forms
        body = b""
    return services.fingerprint(str(request.method), request.get_full_path(), body)


def _kept(response: Response, request: Request) -> Answer:
    """The answer as bytes go out; only JSON is answered here."""
    renderer: Any = request.accepted_renderer
    body = b"" if response.data is None else renderer.render(response.data, request.accepted_media_type)
    return Answer(response.status_code, str(response.content_type or renderer.media_type), body.decode())


def _again(answer: Answer) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)
    response[REPLAYED] = "true"
    return response
