"""What people at Larkspur write into handoffs and plans. Days count from the day on which the deal was won."""

from typing import Any

from django.core.files.base import ContentFile

WORDS: dict[str, Any] = {
    "sold": "Professional, one year, as in the signed order form. Support is included.",
    "origin": "Met at the autumn trade fair, then two demos.",
    "fit_note": "Smaller than we like, but they start with one clear use and have an admin from the first day.",
    "why_bought": "Their old tool is switched off in spring. Of three, our weekly report decided.",
    "special_terms": "None.",
    "champion": "",
    "executive_sponsor": "",
    "admin": "",
    "finance": "",
    "end_user_lead": "",
    "billing_contact": "",
    "our_sponsor": "Robert Achterberg",
    "use_cases": "Weekly numbers for every branch; alerts when one falls behind. Their branch leads work with it.",
    "value_hypothesis": "Two people spend nine hours a week on a spreadsheet. Target: one hour, within a quarter.",
    "draft_plan": "",
    "first_value": "The Monday report arrives by itself, and nobody corrects it.",
    "first_value_on": 28,
    "effort": "Their admin gives four hours in the first two weeks. It is a success when the spreadsheet is gone.",
    "stack": "A CRM, and a warehouse that finance owns.",
    "integrations": "First their CRM, then the warehouse of finance.",
    "sign_on": "Single sign-on with their directory; no security review.",
    "go_live": 21,
    "kickoff": 6,
    "renewal": "One year from the first day of the term; they decide two months before.",
    "sow": "",
    "usage_target": 25,
    "fair_use": 120,
    "invoices": "One invoice a year in advance, by purchase order.",
    "objections": "Finance fears that the numbers will differ from theirs.",
    "introduction": 1,
    "what": "Twelve more seats for the purchasing team, who saw the reports of their colleagues.",
    "limits": "Limits rise with the seats; the next invoice has them.",
    "contract_updated": True,
    "new_lead": "",
    "goal": "Late deliveries seen a week before: from 2 of 10 to 8 of 10.",
    "goal_on": 60,
    "trainer": "Maya Okafor, on the first Thursday after the kickoff.",
}
"""Item of a checklist → what is written there. Empty for people, files and plans, which are picked; days for dates."""

LATER = ("value_hypothesis", "draft_plan", "effort", "go_live", "kickoff", "sow", "invoices", "introduction", "renewal")
DRAFT = {key: value for key, value in WORDS.items() if key not in LATER}
"""What is known before the close."""

PROMISES = [
    ("Reports in Spanish for the branch in Mexico", "Their head of operations", 60),
    ("Import of two years of old data", "Their admin", 30),
    ("A dashboard for the board", "Their sponsor", 90),
]
IN_WRITING = "E-mail to the customer, the week before they signed"
RETURNED = [
    (
        "value_hypothesis",
        "vague_value",
        "Which two people, and nine hours of what? They must agree to the number.",
    ),
    ("admin", "wrong_contact", "She told me that a colleague has taken this over."),
]
WAITS_FOR = "Their lawyers read the data agreement; they will say on which day they can start."
VERDICTS = [
    ("needs_product", "Texts are translated, numbers are not yet. Product plans it for spring."),
    ("can_keep", ""),
    ("cannot_keep", "Nobody but them has the figures. I offered a session with finance instead."),
]
SIGNED_BEFORE = "The contract was signed on paper and is in the books already."
EVIDENCE = "Agreed in the review: the weekly list was worked for two weeks in a row, and their own figures confirm it."
NEXT_STEP = "Bring in the second team, with the same rules."
WIN = {
    "title": "The Monday round needs an hour instead of a day",
    "before": "9 hours a week in spreadsheets",
    "after": "1 hour a week",
    "told": "We talk about customers on Mondays now, not about whose numbers are right.",
}
NO_HOURS = "A public holiday over there."
ASKED = (
    "How to send a report to people who have no sign-in; whether a target can change within a quarter.",
    "Why two branches count twice. Shown how to merge them; they try it until next week.",
)
"""What customers wanted to know at office hours."""
LOST_PROSPECT = "Seerose Verlag"


def order_form() -> ContentFile:
    """The signed document."""
    text = "Order form\n\nProfessional plan, one year, paid in advance.\nSigned by both sides.\n"
    return ContentFile(text.encode(), name="Order form.txt")
