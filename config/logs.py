"""Structured logs: one event a line, with request and task ids bound by django-structlog."""

import logging.config

import structlog

from config.redaction import redact

_PROBES = ("GET /healthz", "GET /readyz", "GET /metrics")


def _skip_routine(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """One line a request is enough, the one that says how it ended; and none for a probe that went well."""
    began = event.get("event") == "request_started"
    if began or (event.get("code") == 200 and str(event.get("request")) in _PROBES):
        raise structlog.DropEvent
    return event


_WIRES = ("httpcore", "botocore", "boto3", "s3transfer", "urllib3")

_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(level: str, style: str) -> None:
    """Send our own and the libraries' logs to stderr, for people (`console`) or for machines (`json`)."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if style == "json"
        else structlog.dev.ConsoleRenderer(
            colors=False,
            exception_formatter=structlog.dev.plain_traceback,  # rich's shows the values of all variables
        )
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, renderer],
                    "foreign_pre_chain": [*_SHARED, structlog.processors.format_exc_info],
                },
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["stderr"], "level": level},
            # One line a request is django-structlog's; these would say the same again.
            "loggers": {
                "django.server": {"level": "ERROR"},
                "httpx": {"level": "WARNING"},
                "celery.app.trace": {"level": "WARNING"},
                "mail.log": {"level": "WARNING"},  # aiosmtpd's, a line for each command
                "pikepdf": {"level": "WARNING"},  # says of each process that it is there
                # At DEBUG these write what a log must not have: a template's context, headers, bodies.
                **{name: {"level": "INFO"} for name in ("django.template", "django.db.backends", "PIL", *_WIRES)},
            },
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            _skip_routine,
            *_SHARED,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
