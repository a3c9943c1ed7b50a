"""The bridge's signatures: HMAC-SHA256 over the moment and the raw bytes, in both directions.

Both sides send `x-timestamp` (unix seconds) and `x-signature: sha256=<hex>`; a request's signed
text is `{timestamp}.{METHOD} {path with query}.` and the body, a webhook's `{timestamp}.` and
the body. What is more than 300 seconds off is not accepted.
"""

import hmac
import re
from collections.abc import Mapping
from datetime import datetime

FRESH_SECONDS = 300

_MOMENT = re.compile(r"[0-9]{10}(?:[0-9]{3})?")
_SIGNATURE = re.compile(r"(?:sha256=)?([0-9a-f]{64})")


def of_request(
    secret: str, *, method: str, path: str, content: bytes, now: datetime
) -> dict[str, str]:
    """The headers of a request to the bridge; `path` as it stands on the wire, with its query."""
    timestamp = str(int(now.timestamp()))
    signed = f"{timestamp}.{method} {path}.".encode() + content
    return {"x-timestamp": timestamp, "x-signature": f"sha256={_hex(secret, signed)}"}


def is_of_webhook(
    secret: str, headers: Mapping[str, str], content: bytes, *, now: datetime
) -> bool:
    """Whether these raw bytes are the bridge's, and fresh. Names of headers are in lower case.

    AI Admin's service is understood as well: milliseconds, and the hex alone.
    """
    timestamp = headers.get("x-timestamp", "")
    signature = _SIGNATURE.fullmatch(headers.get("x-signature", ""))
    if not secret or signature is None or not _MOMENT.fullmatch(timestamp):
        return False
    seconds = int(timestamp) / (1000 if len(timestamp) == 13 else 1)
    if abs(now.timestamp() - seconds) > FRESH_SECONDS:
        return False
    return hmac.compare_digest(signature[1], _hex(secret, f"{timestamp}.".encode() + content))


def _hex(secret: str, signed: bytes) -> str:
    return hmac.digest(secret.encode(), signed, "sha256").hex()
