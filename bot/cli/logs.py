"""What is logged and what a crash prints, without credentials: the last net, whoever wrote the line.

Our own events pass a processor of structlog; those of libraries are redacted where the record is made, before any
handler has it; what ends the process is printed redacted as well.
"""

import logging
import sys
import traceback
from types import TracebackType
from typing import Any

from bot.secrets.scan import redact


def keep_secrets_out_of_logs() -> None:
    """For the rest of the process; call it once, before anything is logged."""
    import structlog  # slow: not needed to print the help

    from bot.secrets.logs import redact_event

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.StackInfoRenderer(),
            structlog.dev.set_exc_info,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact_event,
            structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty()),
        ]
    )
    make = logging.getLogRecordFactory()

    def redacted(*arguments: Any, **more: Any) -> logging.LogRecord:
        record = make(*arguments, **more)
        record.msg, record.args = redact(record.getMessage()), None
        if record.exc_info and record.exc_info[0] is not None:
            # What a formatter finds here it does not make again
            record.exc_text = redact("".join(traceback.format_exception(*record.exc_info)).rstrip("\n"))
        return record

    logging.setLogRecordFactory(redacted)
    sys.excepthook = _print_redacted


def _print_redacted(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    sys.stderr.write(redact("".join(traceback.format_exception(kind, error, trace))))
