"""What the console answers to somebody who tried to sign in too often."""

import math
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse


def too_many(request: HttpRequest, wait_s: float) -> HttpResponse:
    """The page to sign in, with how long to wait."""
    minutes = math.ceil(wait_s / 60)
    when = "in a minute" if minutes == 1 else f"in {minutes} minutes"
    wait = f"Try again {when}; until then even the right password is not looked at."
    messages.error(request, f"Too many tries to sign in. {wait}")
    request.method = "GET"
    response: Any = admin.site.login(request)
    response.status_code = 429
    response["Retry-After"] = str(math.ceil(wait_s))
    return response
