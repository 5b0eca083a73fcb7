"""What the console answers to somebody who tried to sign in too often."""

import math
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from accounts.sign_in.pages import SignIn
from accounts.throttling import signing_in
from accounts.throttling.services import TooMany


def too_many(request: HttpRequest, error: TooMany) -> HttpResponse:
    """The page to sign in, with how long to wait."""
    wait_s = error.wait_s
    minutes = math.ceil(wait_s / 60)
    when = "in a minute" if minutes == 1 else f"in {minutes} minutes"
    if error.limit == signing_in.CODES:
        told = f"Too many codes were tried. Try again {when}; until then even the right code is not looked at."
    else:
        told = f"Too many tries to sign in. Try again {when}; until then even the right password is not looked at."
    messages.error(request, told)
    request.method = "GET"
    page: Any = SignIn.as_view(is_shown_to_all=True)(request)
    response: Any = page.render()
    response.status_code = 429
    response["Retry-After"] = str(math.ceil(wait_s))
    return response
