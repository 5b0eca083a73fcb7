"""Planning and holding business reviews, and closing the loop on survey answers."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from accounts.foundation.clock import now
from accounts.foundation.console import blame, reader
from accounts.portfolio.quick import FORM, account_of, posted, refused, row_of, saved, show
from accounts.touches import services
from accounts.touches.forms import HoldReviewForm, PlanReviewForm
from accounts.touches.models import BusinessReview, SurveyResponse


def plan_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Plans a review with an account."""
    account = account_of(request, pk)
    form = PlanReviewForm(posted(request), account=account)
    if form.is_valid():
        try:
            review = services.plan_review(account, by=reader(request), at=now(), **form.cleaned_data)
        except ValidationError as error:
            blame(form, error)
        else:
            return saved(request, account, f"{review.get_kind_display()} with {account} is planned.")
    return show(request, FORM, f"Plan a review with {account}", form, button="Plan review")


def hold_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Notes that a review was held, and what came of it."""
    review = row_of(request, BusinessReview, pk)
    form = HoldReviewForm(posted(request), review=review)
    if form.is_valid():
        try:
            services.hold_review(review, by=reader(request), at=now(), **form.cleaned_data)
        except ValidationError as error:
            blame(form, error)
        else:
            return saved(request, review.account, f"{review.get_kind_display()} with {review.account} is held.")
    return show(request, FORM, f"Review with {review.account} was held", form, button="Note outcome")


def cancel_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Notes that a review will not be held."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    review = row_of(request, BusinessReview, pk)
    try:
        services.cancel_review(review, by=reader(request), at=now())
    except ValidationError as error:
        return refused(request, review.account, error)
    return saved(request, review.account, f"{review.get_kind_display()} with {review.account} is cancelled.")


def close_loop_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Notes that somebody got back to whoever answered a survey."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    response = row_of(request, SurveyResponse, pk)
    try:
        services.close_loop(response, by=reader(request), at=now())
    except ValidationError as error:
        return refused(request, response.account, error)
    return saved(request, response.account, f"Loop closed on {response} of {response.account}.")
