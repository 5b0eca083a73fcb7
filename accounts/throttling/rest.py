"""The limit of the REST API, and what it says of itself in the headers of every answer."""

import math
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.throttling import services
from accounts.throttling.services import Limit, Verdict

POLICY = "caller"
WINDOW_S = 60


class CallerThrottle(BaseThrottle):
    """So many calls a minute for each user or key; headers as draft-ietf-httpapi-ratelimit-headers has them."""

    verdict: Verdict

    def allow_request(self, request: Request, view: Any) -> bool:
        if not settings.API_RATE:
            return True
        limit = Limit("api", settings.API_RATE, WINDOW_S)
        self.verdict = services.take(limit, f"user {request.user.pk}")
        view.headers["RateLimit-Policy"] = f'"{POLICY}";q={limit.times};w={limit.seconds}'
        view.headers["RateLimit"] = f'"{POLICY}";r={self.verdict.left};t={math.ceil(self.verdict.wait_s)}'
        return self.verdict.allowed

    def wait(self) -> float:
        """Seconds until the next window."""
        return self.verdict.wait_s
