"""Django's permission questions, answered from the scope table."""

from typing import Any

from django.apps import apps
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from accounts.foundation.records import Record
from accounts.throttling import signing_in
from accounts.throttling.addresses import address_of

CHANGES = ("add", "change", "delete")


class GrantBackend(ModelBackend):
    """Signs users in as Django does, so many tries at a time; permissions come from their role's grants alone."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Any:
        """The user of this name and password, or None. After too many tries TooMany, whatever the password."""
        if request is None or username is None or password is None:
            return super().authenticate(request, username=username, password=password, **kwargs)
        who = signing_in.tried(username, address_of(request))
        user = super().authenticate(request, username=username, password=password, **kwargs)
        if user is not None:
            signing_in.succeeded(who)
        return user

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether the role's grants allow `app.verb_model`; models that are not ours are for superusers."""
        app_label, _, codename = perm.partition(".")
        verb, _, model_name = codename.partition("_")
        area = _area(app_label, model_name)
        if area is None or not user_obj.is_active:
            return False
        return user_obj.may_edit(area) if verb in CHANGES else user_obj.reach(area) is not None

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whether any model of the app may be seen."""
        if not user_obj.is_active:
            return False
        models = apps.get_app_config(app_label).get_models()
        return any(issubclass(model, Record) and user_obj.reach(model.AREA) for model in models)

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()


def _area(app_label: str, model_name: str) -> str | None:
    try:
        model = apps.get_model(app_label, model_name)
    except LookupError:
        return None
    return model.AREA if issubclass(model, Record) else None
