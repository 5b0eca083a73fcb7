"""What is done on the page of a handoff as a whole: one verb a button."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.foundation.clock import now
from retention.handoffs import services, sides
from retention.handoffs.forms import JudgeForm, PromiseForm, ReasonForm, WaitForm, returned
from retention.handoffs.models import Promise
from retention.handoffs.pages import Shown, page


def back(shown: Shown, part: str = "") -> HttpResponse:
    """The page of the handoff; at `part` of it, such as ``#promises``."""
    return HttpResponseRedirect(reverse("admin:retention_handoff_change", args=[shown.handoff.pk]) + part)


def do(shown: Shown) -> HttpResponse:
    """Carries out the verb of the button that was pressed."""
    if shown.request.method != "POST":
        return back(shown)
    verb = _VERBS.get(shown.request.POST.get("verb", ""))
    if verb is None:
        raise Http404("There is nothing of this name to do.")
    return _done(shown, verb)


def sign(shown: Shown) -> HttpResponse:
    """A leader signs a bad fit off."""
    if shown.request.method != "POST":
        return back(shown)
    if not sides.may_sign_fit(shown.user):
        raise PermissionDenied
    return _done(shown, _sign)


def _done(shown: Shown, verb: Callable[[Shown], str]) -> HttpResponse:
    try:
        said = verb(shown)
    except ValidationError as refused:
        shown.handoff.refresh_from_db()
        return page(shown, error=refused)
    messages.success(shown.request, said)
    return back(shown, "#promises" if verb in (_promise, _take_back, _judge) else "")


def _by(shown: Shown) -> dict[str, Any]:
    return {"by": shown.user, "at": now()}


def _submit(shown: Shown) -> str:
    _must_fill(shown)
    handoff = services.submit(shown.handoff, **_by(shown))
    return f"Submitted to {handoff.receiver or 'whoever takes it'}. You hear of it when they have looked."


def _must_fill(shown: Shown) -> None:
    if not sides.may_fill(shown.handoff, shown.user):
        raise services.NotPossible("The other side does this.")


def _accept(shown: Shown) -> str:
    handoff = services.accept(shown.handoff, **_by(shown))
    return f"{handoff.account} is yours. The dates that were promised run."


def _return(shown: Shown) -> str:
    items = returned(shown.request, shown.handoff)
    handoff = services.return_items(shown.handoff, items, **_by(shown))
    return f"Returned to {handoff.giver or 'whoever takes it'} with {len(items)} to mend."


def _wait(shown: Shown) -> str:
    services.wait(shown.handoff, reason=_cleaned(WaitForm(shown.request.POST))["reason"], **_by(shown))
    return "The clock stands still. What the customer was promised stays promised."


def _go_on(shown: Shown) -> str:
    services.go_on(shown.handoff, **_by(shown))
    return "The clock goes on."


def _cancel(shown: Shown) -> str:
    services.cancel(shown.handoff, reason=_cleaned(ReasonForm(shown.request.POST))["note"], **_by(shown))
    return "Called off. Both sides are told."


def _sign(shown: Shown) -> str:
    services.sign_fit(shown.handoff, note=_cleaned(ReasonForm(shown.request.POST))["note"], **_by(shown))
    return "Signed off. The receiver may accept it now."


def _promise(shown: Shown) -> str:
    _must_fill(shown)
    values = _cleaned(PromiseForm(shown.request.POST, user=shown.user))
    services.promise(shown.handoff, **values, **_by(shown))
    return "The promise is written down."


def _take_back(shown: Shown) -> str:
    _must_fill(shown)
    services.take_back(_promise_named(shown), **_by(shown))
    return "The promise is struck."


def _judge(shown: Shown) -> str:
    found = services.judge(_promise_named(shown), **_cleaned(JudgeForm(shown.request.POST)), **_by(shown))
    return f"“{found.what}”: {found.get_verdict_display().lower()}."


def _promise_named(shown: Shown) -> Promise:
    named = shown.request.POST.get("promise", "")
    found = shown.handoff.promises.filter(pk=named).first() if named.isdecimal() else None
    if found is None:
        raise ValidationError("This promise is not there any more.")
    return found


def _cleaned(form: Any) -> dict[str, Any]:
    if not form.is_valid():
        raise ValidationError([f"{form[name].label}: {text}" for name, texts in form.errors.items() for text in texts])
    return dict(form.cleaned_data)


_VERBS: dict[str, Callable[[Shown], str]] = {
    "submit": _submit,
    "accept": _accept,
    "return": _return,
    "wait": _wait,
    "go_on": _go_on,
    "cancel": _cancel,
    "promise": _promise,
    "take_back": _take_back,
    "judge": _judge,
}
