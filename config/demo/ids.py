"""The systems of the demo, and what each of them calls account number n of the book."""

PRODUCT, CRM, DESK, BILLING = "product", "crm", "helpdesk", "billing"


def in_product(number: int) -> str:
    return f"ws_{1000 + number}"


def in_crm(number: int) -> str:
    return f"001{number:06}"


def in_desk(number: int) -> str:
    return f"org-{4000 + number}"


def in_billing(number: int) -> str:
    return f"cus_{number:05}"


def number_of(value: str) -> int | None:
    """Which account of the book the CRM calls so; None for one that is not of the book."""
    digits = value.removeprefix("001")
    return int(digits) if len(value) == 9 and value.startswith("001") and digits.isdigit() else None
