"""What comes in and what goes out: signals, the REST API, messages."""

from accounts.limits.registry import Group, Limit, Unit, limits
from config.limits import use

WIRE, BULK = "accounts.ingestion.wire", "accounts.ingestion.bulk.reading"
MEMORY = "A request is held in memory while it is read."
SIGNALS = {
    "signal_request": Limit(
        "A request to a signal door, as sent",
        Group.SIGNALS,
        f"{WIRE}:MAX_RAW",
        Unit.BYTES,
        "it is refused with 413",
        MEMORY,
    ),
    "signal_request_unpacked": Limit(
        "… unpacked", Group.SIGNALS, f"{WIRE}:MAX_UNPACKED", Unit.BYTES, "it is refused with 413", MEMORY
    ),
    "signal_batch": Limit(
        "Items of one batch",
        Group.SIGNALS,
        f"{WIRE}:MAX_ITEMS",
        Unit.COUNT,
        "the rest goes to quarantine",
        "Segment's own clients send at most 500 KiB; more at once is a mistake or an import.",
    ),
    "signal_batch_refused": Limit(
        "Items of one batch that are looked at",
        Group.SIGNALS,
        f"{WIRE}:MAX_KEPT_ITEMS",
        Unit.COUNT,
        "the request is refused as a whole",
        "Each item costs a row in quarantine.",
    ),
    "signal_item": Limit(
        "One item",
        Group.SIGNALS,
        f"{WIRE}:MAX_ITEM",
        Unit.BYTES,
        "it goes to quarantine",
        "As Segment has it.",
    ),
    "signal_id": Limit(
        "An id in a signal",
        Group.SIGNALS,
        f"{WIRE}:MAX_ID",
        Unit.CHARACTERS,
        "the item goes to quarantine",
        "Ids are indexed.",
    ),
    "event_name": Limit(
        "Name of an event",
        Group.SIGNALS,
        "accounts.ingestion.signals:MAX_NAME",
        Unit.CHARACTERS,
        "the rest is cut off",
        "Names are indexed.",
    ),
    "page_path": Limit(
        "Path of a page",
        Group.SIGNALS,
        "accounts.ingestion.signals:MAX_PATH",
        Unit.CHARACTERS,
        "the rest is cut off",
        "Intents look at the beginning.",
    ),
    "signal_age": Limit(
        "Age of a signal",
        Group.SIGNALS,
        "accounts.ingestion.batches:KEPT_DAYS",
        Unit.DAYS,
        "it goes to quarantine",
        "A repeat of it could no longer be told.",
    ),
    "signal_ahead": Limit(
        "How far ahead of our clock a signal may be",
        Group.SIGNALS,
        "accounts.ingestion.batches:AHEAD",
        Unit.HOURS,
        "it goes to quarantine",
        "Clocks of devices are wrong; a day covers every time zone.",
    ),
    "event_names": Limit(
        "Event names counted by source",
        Group.SIGNALS,
        "accounts.ingestion.tally:MOST_NAMES",
        Unit.COUNT,
        "new names share one count",
        "Names made from ids would fill the tracking plan.",
        use=use.event_names,
    ),
    "mapped_names": Limit(
        "Event names of one feature or milestone",
        Group.SIGNALS,
        "accounts.ingestion.plan.services:MOST_NAMES",
        Unit.COUNT,
        "the change is refused",
        "All of them are looked up for each signal.",
        use=use.mapped_names,
    ),
    "activity_days": Limit(
        "Days of activity kept by user and feature",
        Group.SIGNALS,
        "accounts.ingestion.ring:DAYS",
        Unit.DAYS,
        "older days no longer count",
        "Three numbers hold 189 days; windows reach back 90 days and 90 before.",
    ),
    "quarantine_at_once": Limit(
        "Groups of the quarantine settled at once",
        Group.SIGNALS,
        "accounts.ingestion.quarantine.services:GROUPS_AT_ONCE",
        Unit.COUNT,
        "the page goes on with the next ones",
        "Each step shows its progress.",
    ),
}
API = {
    "api_body": Limit(
        "Body of a request", Group.API, "config.api.body:LARGEST", Unit.BYTES, "it is refused with 413", MEMORY
    ),
    "api_bulk_items": Limit(
        "Items of a bulk request",
        Group.API,
        f"{BULK}:MOST",
        Unit.COUNT,
        "it is refused with 400",
        "The answer names each bad item; it stays readable.",
    ),
    "api_bulk_item": Limit(
        "One item of a bulk request", Group.API, f"{BULK}:LARGEST_ITEM", Unit.BYTES, "that item is refused", MEMORY
    ),
    "api_page": Limit(
        "Rows of a page",
        Group.API,
        "config.api.pagination:LARGEST",
        Unit.COUNT,
        "it is refused with 400",
        "The next page is one call away, and costs the same however deep it is.",
    ),
    "api_rate": Limit(
        "Calls of one caller in a minute",
        Group.API,
        "settings:API_RATE",
        Unit.COUNT,
        "429 with Retry-After",
        "One client must not slow down the others.",
        variable="API_RATE",
    ),
    "idempotency_key": Limit(
        "An Idempotency-Key",
        Group.API,
        "accounts.idempotency.models:LONGEST_KEY",
        Unit.CHARACTERS,
        "it is refused with 400",
        "Keys are indexed.",
    ),
    "plays_over_api": Limit(
        "Accounts for which one call starts a play",
        Group.API,
        "plays.triggers.api:MOST",
        Unit.COUNT,
        "it is refused with 400",
        "The call answers for each of them.",
    ),
    "quarantine_groups": Limit(
        "Groups of the quarantine in one list",
        Group.API,
        "accounts.ingestion.quarantine.api:GROUPS",
        Unit.COUNT,
        "the largest are listed",
        "They are counted while you wait.",
    ),
    "form_body": Limit(
        "A form of the console",
        Group.API,
        "settings:DATA_UPLOAD_MAX_MEMORY_SIZE",
        Unit.BYTES,
        "it is refused with 413",
        MEMORY,
    ),
}
HTTP = "accounts.outbox.http.client"
MESSAGES = {
    "call_seconds": Limit(
        "A call to another system",
        Group.MESSAGES,
        f"{HTTP}:SECONDS",
        Unit.SECONDS,
        "it counts as failed",
        "A slow receiver must not hold up the others.",
    ),
    "call_answer": Limit(
        "An answer of another system",
        Group.MESSAGES,
        f"{HTTP}:LARGEST",
        Unit.BYTES,
        "the rest is not read",
        "Nobody fills our memory.",
    ),
    "mail_seconds": Limit(
        "Handing a mail to the mail server",
        Group.MESSAGES,
        "settings:EMAIL_TIMEOUT",
        Unit.SECONDS,
        "it counts as failed",
        "A slow server must not hold up the others.",
    ),
    "delivery_tries": Limit(
        "Tries of a delivery",
        Group.MESSAGES,
        "accounts.outbox.sending:TRIES",
        Unit.COUNT,
        "it waits for a person under Dead letters",
        "They spread over most of a day; what does not heal by then needs somebody.",
    ),
    "allow_list": Limit(
        "Entries of the outbound allow-list",
        Group.MESSAGES,
        "accounts.workspace.services:MOST_ALLOWED",
        Unit.COUNT,
        "the change is refused",
        "It is asked for each message.",
        use=use.allowed,
    ),
    "couriers": Limit(
        "Messages that one worker sends at a time",
        Group.MESSAGES,
        "settings:COURIERS",
        Unit.COUNT,
        "others wait",
        "Each takes a connection to the database.",
        variable="COURIERS",
    ),
    "secret_overlap": Limit(
        "How long the old secret of a webhook signs beside the new one",
        Group.MESSAGES,
        "accounts.outbox.endpoints.services:OVERLAP",
        Unit.HOURS,
        "only the new one signs",
        "Receivers change over in the meantime.",
    ),
}
for name, limit in {**SIGNALS, **API, **MESSAGES}.items():
    limits.add(name, limit)
