"""The verbs of touches, one module a subject."""

from accounts.touches.services.imports import SurveyDraft, Taken, TouchDraft, log_many, record_surveys
from accounts.touches.services.review import cancel_review, hold_review, plan_review
from accounts.touches.services.steps import (
    complete_next_step,
    set_next_step,
    set_pulse,
    withdraw_next_step,
    withdraw_pulse,
)
from accounts.touches.services.survey import close_loop, record_survey
from accounts.touches.services.touch import OWN_FOR, change_text, delete, forget_words, log

__all__ = [
    "OWN_FOR",
    "SurveyDraft",
    "Taken",
    "TouchDraft",
    "cancel_review",
    "change_text",
    "close_loop",
    "complete_next_step",
    "delete",
    "forget_words",
    "hold_review",
    "log",
    "log_many",
    "plan_review",
    "record_survey",
    "record_surveys",
    "set_next_step",
    "set_pulse",
    "withdraw_next_step",
    "withdraw_pulse",
]
