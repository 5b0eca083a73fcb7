"""Putting a checklist into force."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from retention.handoffs.drafts import ItemDraft, SectionDraft, TemplateDraft, draft_of, wrong_with
from retention.handoffs.models import HandoffItem, HandoffSection, HandoffTemplate, HandoffVersion
from retention.raci.models import columns

STARTS = {"starts_with": "deal", "starts_on_change_of": "change"}
"""Fields that say what starts a handoff by itself; each names it for one template alone."""


@transaction.atomic
def publish(draft: TemplateDraft, *, by: Any, at: dt.datetime) -> HandoffVersion:
    """The version that says what `draft` says: a new one where it differs. Running handoffs stay on theirs.

    Raises ValidationError naming every place that is wrong.
    """
    if wrong := wrong_with(draft):
        raise ValidationError({path: [said] for path, said in wrong.items()})
    template = _named(draft, by=by, at=at)
    latest = template.versions.first()
    if latest and draft_of(latest) == draft:
        return latest
    version = HandoffVersion(
        template=template,
        number=latest.number + 1 if latest else 1,
        giver=draft.giver,
        receiver=draft.receiver,
        complete_within=draft.complete_within,
        accept_within=draft.accept_within,
        promised=draft.promised,
        published_at=at,
        published_by=by,
    )
    version.full_clean()
    audit.create(version, verb="handoff_template.publish", by=by, at=at)
    place = 0
    for position, section in enumerate(draft.sections):
        row = _section(version, section, position, by=by, at=at)
        for item in section.items:
            _item(row, item, place, by=by, at=at)
            place += 1
    return version


def _named(draft: TemplateDraft, *, by: Any, at: dt.datetime) -> HandoffTemplate:
    said = {name: getattr(draft, name) for name in ("name", "meaning", *STARTS)}
    template = HandoffTemplate.objects.select_for_update().filter(key=draft.key).first()
    for start, words in STARTS.items():
        others = HandoffTemplate.objects.filter(**{start: said[start]}).exclude(key=draft.key)
        if said[start] and (other := others.first()):
            raise ValidationError({start: [f"{other} starts with such a {words} already. Take it off there first."]})
    if template:
        audit.update(template, verb="handoff_template.change", by=by, at=at, **said)
        return template
    template = HandoffTemplate(key=draft.key, **said)
    template.full_clean()
    return audit.create(template, verb="handoff_template.create", by=by, at=at)


def _section(
    version: HandoffVersion, draft: SectionDraft, position: int, *, by: Any, at: dt.datetime
) -> HandoffSection:
    said = {"key": draft.key, "name": draft.name, "meaning": draft.meaning}
    row = HandoffSection(version=version, position=position, **said, **columns(draft.raci))
    row.full_clean()
    return audit.create(row, verb="handoff_template.section", by=by, at=at)


def _item(section: HandoffSection, draft: ItemDraft, position: int, *, by: Any, at: dt.datetime) -> HandoffItem:
    said = {name: value for name, value in vars(draft).items() if name != "raci"}
    row = HandoffItem(version=section.version, section=section, position=position, **said, **columns(draft.raci))
    row.full_clean()
    return audit.create(row, verb="handoff_template.item", by=by, at=at)
