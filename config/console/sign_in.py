"""What the console answers to somebody who tried to sign in too often."""

import math
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from accounts.sign_in.pages import SignIn


def too_many(request: HttpRequest, wait_s: float) -> HttpResponse:
    """The page to sign in, with how long to wait."""
    minutes = math.ceil(wait_s / 60)
    when = "in a minute" if minutes == 1 else f"in {minutes} minutes"
    wait = f"Try again {when}; until then even the right password is not looked at."
    messages.error(request, f"Too many tries to sign in. {wait}")
    request.method = "GET"
    page: Any = SignIn.as_view(is_shown_to_all=True)(request)
    response: Any = page.render()
    response.status_code = 429
    response["Retry-After"] = str(math.ceil(wait_s))
    return response
