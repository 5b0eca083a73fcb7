"""What a person answered to surveys."""

from django.db.models import Q

from accounts.privacy.person import Trace, traces
from accounts.stakeholders.models import Stakeholder
from accounts.touches.models import SurveyResponse

traces.add(
    "accounts.SurveyResponse",
    Trace(SurveyResponse, lambda person: Q(stakeholder__in=sorted(person.ids(Stakeholder)))),
)
