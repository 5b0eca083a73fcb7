"""Next step and pulse, from the account page and from rows."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from accounts.foundation.clock import now
from accounts.foundation.console import blame, reader
from accounts.portfolio.quick import FORM, account_of, posted, refused, saved, show
from accounts.touches import services
from accounts.touches.forms import NextStepForm, PulseForm
from accounts.touches.queries import latest_pulse, open_step


def next_step_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Sets the next step of an account."""
    account = account_of(request, pk)
    form = NextStepForm(posted(request), auto_id=f"step_{pk}_%s", initial=NextStepForm.of(open_step(account)))
    if form.is_valid():
        try:
            step = services.set_next_step(account, by=reader(request), at=now(), **form.cleaned_data)
        except ValidationError as error:
            blame(form, error)
        else:
            return saved(request, account, f"Next step of {account} is set.", step=step.pk)
    return show(request, FORM, f"Next step of {account}", form, button="Set next step")


def done_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Ticks the next step of an account off."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    account = account_of(request, pk)
    step = open_step(account)
    if step is None:
        return refused(request, account, ValidationError(f"{account} has no next step that is open."))
    try:
        services.complete_next_step(step, by=reader(request), at=now())
    except ValidationError as error:
        return refused(request, account, error)
    return saved(request, account, f"Done: {step.text}")


def pulse_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Says how an account stands."""
    account = account_of(request, pk)
    pulse = latest_pulse(account)
    form = PulseForm(posted(request), auto_id=f"pulse_{pk}_%s", initial={"value": pulse.value} if pulse else {})
    if form.is_valid():
        found = services.set_pulse(account, by=reader(request), at=now(), **form.cleaned_data)
        message = f"Pulse of {account} is set to {found.get_value_display()}."
        return saved(request, account, message, pulse=found.pk)
    return show(request, FORM, f"Pulse of {account}", form, button="Set pulse")
