from django.db import models
from django.db.models import Q

from accounts.deals.models import Deal
from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.records import Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import AccountMember
from accounts.stakeholders.models import StakeholderRole
from accounts.team.models import User
from retention.raci.models import WithRaci, divided
from retention.raci.parts import Raci
from retention.slas.models import validate_duration


class HandoffTemplate(Record):
    """One kind of handoff, such as Sales to CS: its checklist has versions. Ships in playbook files.

    Where a won deal of some type starts a handoff, it is by the one template that says so.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    key = models.CharField(max_length=KEY_LENGTH, unique=True, validators=[validate_key])
    name = models.CharField(max_length=120)
    meaning = models.CharField(max_length=250, blank=True, help_text="When it is used, in one sentence.")
    starts_with = models.CharField(
        "starts with a won deal of type",
        max_length=9,
        choices=Deal.Type.choices,
        blank=True,
        help_text="Empty: it is started by hand.",
    )

    starts_on_change_of = models.CharField(
        "starts when another one becomes",
        max_length=20,
        choices=AccountMember.Part.choices,
        blank=True,
        help_text="A customer's CSM, say: the one before hands over to the one from now on.",
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["starts_on_change_of"],
                condition=~Q(starts_on_change_of=""),
                name="a_change_of_part_starts_one_kind_of_handoff",
            ),
            models.UniqueConstraint(
                fields=["starts_with"],
                condition=~Q(starts_with=""),
                name="a_type_of_deal_starts_one_kind_of_handoff",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def latest(self) -> "HandoffVersion | None":
        """The version by which new handoffs start; None before the first is published."""
        return self.versions.first()


class HandoffVersion(Record):
    """The checklist of a template as it was published once. Never edited: handoffs that run stay on theirs.

    `promised` are the dates that the customer is promised from the day of the win on: key, label, within, and the fact
    that says when each was kept.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    template = models.ForeignKey(HandoffTemplate, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    giver = models.CharField(max_length=20, choices=AccountMember.Part.choices)
    receiver = models.CharField(max_length=20, choices=AccountMember.Part.choices)
    complete_within = models.CharField(max_length=10, validators=[validate_duration])
    accept_within = models.CharField(max_length=10, validators=[validate_duration])
    promised = models.JSONField(default=list, blank=True)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="versions_of_a_handoff_are_numbered")
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.number}"


class HandoffSection(Record, WithRaci):
    """One section of a checklist, and who answers for its items unless one says otherwise."""

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    version = models.ForeignKey(HandoffVersion, on_delete=models.PROTECT, related_name="sections")
    key = models.CharField(max_length=KEY_LENGTH, validators=[validate_key])
    name = models.CharField(max_length=120)
    meaning = models.CharField(max_length=250, blank=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            divided("a_section_has_one_accountable_and_somebody_responsible"),
            models.UniqueConstraint(fields=["version", "key"], name="section_keys_differ_within_a_version"),
            models.UniqueConstraint(fields=["version", "position"], name="section_positions_differ_within_a_version"),
        ]

    def __str__(self) -> str:
        return self.name


class HandoffItem(Record, WithRaci):
    """One item of a checklist: what must be known, and what counts as evidence of it."""

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    class Evidence(models.TextChoices):
        TEXT = "text", "Text"
        NUMBER = "number", "Number"
        DATE = "date", "Date"
        LINK = "link", "Link"
        FILE = "file", "File"
        STAKEHOLDER = "stakeholder", "Person at the customer"
        """Somebody of the account, who gets the item's role if they do not have it yet."""
        YES_NO = "yes_no", "Yes or no"
        FACT = "fact", "What we know"
        """Facts of the account, shown as they are now; what nobody knows may be said in words."""
        PROMISES = "promises", "Promises"
        """At least one promise in the register, or the word that none was made."""
        PLAN = "plan", "Success plan"
        """A plan of the account with an objective, its measure and its date."""

    version = models.ForeignKey(HandoffVersion, on_delete=models.PROTECT, related_name="items")
    section = models.ForeignKey(HandoffSection, on_delete=models.PROTECT, related_name="items")
    key = models.CharField(max_length=KEY_LENGTH, validators=[validate_key])
    name = models.CharField(max_length=200)
    help = models.CharField(max_length=500, blank=True, help_text="What a good answer says.")
    position = models.PositiveSmallIntegerField(help_text="Within the whole checklist.")
    evidence = models.CharField(max_length=11, choices=Evidence.choices)
    role = models.CharField(max_length=20, choices=StakeholderRole.Role.choices, blank=True)
    facts = models.JSONField(default=list, blank=True, help_text="Facts that are shown, or fill the item in.")
    due = models.CharField(
        max_length=10,
        blank=True,
        validators=[validate_duration],
        help_text="From the start on; empty: with the whole handoff.",
    )
    due_at_commit = models.BooleanField(
        default=False, help_text="Due before the deal is won, as soon as it is in commit."
    )
    is_blocking = models.BooleanField("blocks", default=False, help_text="Nobody hands over without it.")
    blocks_when = models.JSONField(null=True, blank=True, help_text="Blocks only accounts of which this is true.")

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            divided("an_item_has_one_accountable_and_somebody_responsible"),
            models.UniqueConstraint(fields=["version", "key"], name="item_keys_differ_within_a_version"),
            models.UniqueConstraint(fields=["version", "position"], name="item_positions_differ_within_a_version"),
            models.CheckConstraint(
                condition=Q(role="") | Q(evidence="stakeholder"), name="only_an_item_about_a_person_has_a_role"
            ),
            models.CheckConstraint(
                condition=Q(blocks_when__isnull=True) | Q(is_blocking=True),
                name="only_a_blocking_item_blocks_under_a_condition",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def parts(self) -> Raci:
        """Function → its part: the item's own, else that of its section."""
        return self.raci or self.section.raci
