"""Settings of an installation: everything that differs between two of them is an environment variable."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from config.env import database, email, flag, networks, number, secret, var_dir, words
from config.navigation import UNFOLD  # noqa: F401  (read by the theme)

DEBUG = flag("DEBUG", default=False)
SECRET_KEY = secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = words("SECRET_KEY_FALLBACKS", [])  # what was signed under these is good still
PORT = number("PORT", default=8000, smallest=1, largest=65535)
PUBLIC_URL = os.environ.get("PUBLIC_URL") or f"http://127.0.0.1:{PORT}"
_public = urlsplit(PUBLIC_URL)
ALLOWED_HOSTS = words("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]", _public.hostname or "127.0.0.1"])
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "django_q",
    "accounts",
    "content",
    "retention",
    "plays",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.SessionRules",
    "config.middleware.SecondStep",
    "config.middleware.ReaderTimeZone",
    "config.middleware.Throttled",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).resolve().parents[1] / "templates"],  # the frame goes before the theme's
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.team.backends.GrantBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
CSRF_FAILURE_VIEW = "config.console.absent.stale"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["config.formats"]

# Nothing of ours is kept there, and the theme would keep what a search found for somebody who may see it no longer.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

STATIC_URL = "/static/"
STATIC_ROOT = var_dir() / "static"
WHITENOISE_USE_FINDERS = True
# Files carry a hash of their content in their name once they are collected; see config/settings/tests.py.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": var_dir() / "files"}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}

_https = _public.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 14 * 24 * 3600  # seconds from signing in, however busy it is
SESSION_IDLE_HOURS = number("SESSION_IDLE_HOURS", default=24, smallest=1, largest=14 * 24)
SESSION_ENGINE = "accounts.team.sessions"  # under a hash of their id
SECURE_SSL_REDIRECT = False  # the proxy in front answers plain HTTP
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
# The first two are for whoever owns the whole domain, the third for an installation without a proxy in front. The last
# takes a calendar's opening and closing times for a forgotten `now()`, for twenty seconds at nine and at five o'clock.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021", "security.W008", "fields.W161"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# The theme's Alpine needs 'unsafe-eval', its components 'unsafe-inline' styles; scripts are never inline.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", "'unsafe-eval'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}

# The inbox refuses what is larger itself, with a clear answer (4 MiB); forms stay far below.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024

# Calls a minute of one caller of the REST API; 0: as many as they like.
API_RATE = number("API_RATE", default=1200, smallest=0, largest=1_000_000)
# Single sign-on over OpenID Connect; off while OIDC_ISSUER names no provider.
OIDC_ISSUER = os.environ.get("OIDC_ISSUER", "").strip()
OIDC_CLIENT_ID = os.environ.get("OIDC_CLIENT_ID", "").strip()
OIDC_CLIENT_SECRET = os.environ.get("OIDC_CLIENT_SECRET", "").strip()
OIDC_NAME = os.environ.get("OIDC_NAME", "").strip() or "single sign-on"
OIDC_CREATE_ROLE = os.environ.get("OIDC_CREATE_ROLE", "").strip()
OIDC_TRUST_EMAIL = flag("OIDC_TRUST_EMAIL", default=False)
# Proxies whose word on where a request comes from is believed: addresses or networks.
TRUSTED_PROXIES = networks("TRUSTED_PROXIES")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.team.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.team.permissions.GrantPermission"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.throttling.rest.CallerThrottle"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "config.api.pagination.KeysetPagination",
    "PAGE_SIZE": 50,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["config.api.render.Json"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "config.api.render.Negotiation",
    "DEFAULT_PARSER_CLASSES": ["config.api.body.JsonBody"],
    "DEFAULT_METADATA_CLASS": None,  # the OpenAPI document describes the routes
    "EXCEPTION_HANDLER": "config.api.problems.problem_details",
    "DEFAULT_VERSIONING_CLASS": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Holdfast",
    "DESCRIPTION": "Accounts, facts, stages, plays and work of one installation. Errors are problem details.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": True,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "config.api.schema.describe"],
    # Fields of one name with different choices; the document needs a name for each set.
    "ENUM_NAME_OVERRIDES": {
        "EndpointState": "accounts.outbox.models.endpoint.WebhookEndpoint.State",
        "AccountState": "accounts.portfolio.models.account.Account.State",
        "WorkItemState": "retention.work.models.WorkItem.State",
        "ClockState": "retention.slas.models.Clock.State",
        "PauseReason": "retention.slas.models.Pause.Reason",
        "NoticeWay": "accounts.outbox.models.choice.Way",
        "RunState": "plays.runs.models.Run.State",
        "StepState": "plays.runs.models.StepRun.State",
        "OutcomeState": [("done", "Done"), ("dismissed", "Dismissed: needs a note")],
        "FactType": [
            (name, name.capitalize())
            for name in ("number", "ratio", "money", "text", "boolean", "instant", "date", "text_list", "number_list")
        ],
        "DealState": "accounts.deals.models.Deal.State",
        "DealType": "accounts.deals.models.Deal.Type",
        "ProposalState": "accounts.deals.models.ContractProposal.State",
        "ProposalKind": "accounts.deals.models.ContractProposal.Kind",
        "InvoiceState": "accounts.contracts.models.Invoice.State",
        "TicketState": "accounts.support.models.Ticket.State",
        "PersonRequestKind": "accounts.privacy.models.PersonRequest.Kind",
        "ProductKind": "accounts.catalogue.models.Product.Kind",
        "IdKind": "accounts.ingestion.quarantine.api.ID_KINDS",
        "SourceKind": "accounts.workspace.models.Source.Kind",
        "PlayPriority": "plays.definitions.models.Play.Priority",
        "DecisionOutcome": "plays.decisions.models.Decision.Outcome",
        "TouchKind": "accounts.touches.models.Touch.Kind",
        "ReviewKind": "accounts.touches.models.BusinessReview.Kind",
        "ReviewState": "accounts.touches.models.BusinessReview.State",
        "ReviewOutcome": "accounts.touches.models.BusinessReview.Outcome",
        "NextStepState": "accounts.touches.models.NextStep.State",
        "SurveyKind": "accounts.touches.models.SurveyResponse.Kind",
        "StakeholderRole": "accounts.stakeholders.models.StakeholderRole.Role",
        "StakeholderTopic": "accounts.stakeholders.models.StakeholderTopic.Topic",
        "HealthBand": "retention.health.models.Band",
        "MissingData": "retention.health.models.HealthMeasure.Missing",
        "FeatureTier": "accounts.ingestion.models.plan.Feature.Tier",
        "RenewalRiskTier": "retention.risks.models.Tier",
        "RiskState": "retention.risks.models.Risk.State",
        "RiskOutcome": "retention.risks.models.Risk.Outcome",
        "RiskCategory": "retention.risks.models.Risk.Category",
        "OverrideBand": [("green", "Green"), ("amber", "Amber"), ("red", "Red")],
        "HandoffState": "retention.handoffs.models.running.Handoff.State",
        "HandoffEvidence": "retention.handoffs.models.templates.HandoffItem.Evidence",
        "ReturnReason": "retention.handoffs.models.running.ItemReturn.Reason",
        "PromiseVerdict": "retention.handoffs.models.running.Promise.Verdict",
        "FigureBasis": "retention.health.models.Basis",
        "PlanTemplateKind": "retention.success_plans.template_models.PlanTemplate.Kind",
        "SuccessPlanState": "retention.success_plans.models.SuccessPlan.State",
        "ObjectiveState": "retention.success_plans.models.PlanObjective.State",
        "PlanTaskState": "retention.success_plans.models.PlanTask.State",
        "PlanTaskSide": "retention.success_plans.models.PlanTask.Side",
        "QuarantineReason": "accounts.ingestion.models.inbox.QuarantinedItem.Reason",
    },
}

# The queue carries a name and nothing else; what is due is in our own rows. See config/broker.py and config/cluster.py.
REDIS_URL = os.environ.get("REDIS_URL", "")
Q_CLUSTER = {
    "name": "holdfast",
    "workers": 1,
    "timeout": 600,
    "retry": 3600,
    "max_attempts": 1,
    "ack_failures": True,
    "queue_limit": 1,
    "bulk": 1,
    "catch_up": False,
    "save_limit": -1,
    "poll": 0,  # the broker waits by itself
    "guard_cycle": 1,
    "label": "Background jobs",
    "orm": "default",
    "broker_class": "config.broker.in_redis.InRedis" if REDIS_URL else "config.broker.rows.Rows",
}
WORKER_MEMORY_MB = number("WORKER_MEMORY_MB", default=1024, smallest=0, largest=1_000_000)
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
BELL_TARGET = "config.pipeline.answer"
BEAT_TARGET = "config.pipeline.beat"
ALARM_TARGET = "config.pipeline.wake"

# What leaves: mail through EMAIL_URL; over HTTP to public addresses, and to the private hosts that are named here.
OUTBOUND_ALLOW = words("OUTBOUND_ALLOW", [])
SECRETS_KEYS = words("SECRETS_KEYS", []) or [secret("SECRETS_KEYS")]
EMAIL_TIMEOUT = 20
vars().update(email())
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL") or f"holdfast@{_public.hostname}"
COURIERS = number("COURIERS", default=4, smallest=0, largest=64)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "config.logs.Line", "format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django-q": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},  # what clients do wrong is told to them, not to the log
    },
}
