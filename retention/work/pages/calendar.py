"""The page that gives somebody the address of their calendar, and what answers at that address."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.throttling import services as throttling
from retention.work import feeds
from retention.work.models import CalendarFeed, WorkItem


def page(request: HttpRequest) -> HttpResponse:
    """Shows the address, makes a new one, or revokes it."""
    user = reader(request)
    if user.reach(WorkItem.AREA) is None:
        raise PermissionDenied
    if request.method == "POST":
        if "revoke" in request.POST:
            feeds.revoke(user, by=reader(request), at=now())
            messages.success(request, "The address is revoked: calendars that know it read nothing any more.")
        else:
            feeds.renew(user, by=reader(request), at=now())
            messages.success(request, "This is a new address. Earlier ones read nothing any more.")
        return HttpResponseRedirect(reverse("work_calendar"))
    feed = CalendarFeed.objects.filter(user=user).first()
    context = {"title": "Calendar", "feed": feed, "address": feeds.address(feed) if feed else ""}
    return render(request, "retention/work/calendar.html", admin.site.each_context(request) | context)


def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar behind a signed address; 404 where it was revoked, 429 where it is asked for too often."""
    at = now()
    feed = feeds.of_token(token, at=at)
    if feed is None:
        raise Http404("This calendar was revoked, or never was.")
    verdict = throttling.take(feeds.RATE, f"user {feed.user_id}")
    if not verdict.allowed:
        return HttpResponse("Asked too often.", status=429, headers={"Retry-After": str(int(verdict.wait_s) + 1)})
    answer = HttpResponse(feeds.calendar(feed.user, at=at), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="work.ics"'
    answer["Cache-Control"] = "private, max-age=300"
    answer["X-Robots-Tag"] = "noindex"
    return answer


urlpatterns = [
    path("admin/calendar/", admin.site.admin_view(page), name="work_calendar"),
    path("calendar/<str:token>.ics", calendar, name="calendar"),
]
