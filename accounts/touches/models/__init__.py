from accounts.touches.models.review import BusinessReview, ReviewAttendee
from accounts.touches.models.steps import NextStep, Pulse
from accounts.touches.models.survey import SurveyResponse
from accounts.touches.models.touch import Touch, TouchAttendee, TouchText

__all__ = [
    "BusinessReview",
    "NextStep",
    "Pulse",
    "ReviewAttendee",
    "SurveyResponse",
    "Touch",
    "TouchAttendee",
    "TouchText",
]
