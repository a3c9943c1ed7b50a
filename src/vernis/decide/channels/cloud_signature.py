"""Whether a webhook is Meta's: its signature over the raw bytes, and the challenge at set-up.

After Meta's "Webhooks: getting started": `X-Hub-Signature-256: sha256=<HMAC-SHA256 of the body
with the app secret, in lower-case hex>`.
"""

import hmac
from collections.abc import Mapping

HEADER = "X-Hub-Signature-256"


def signature(body: bytes, app_secret: str) -> str:
    """The header's value for a body."""
    return "sha256=" + hmac.digest(app_secret.encode(), body, "sha256").hex()


def is_signed(body: bytes, header: str | None, app_secret: str) -> bool:
    """Whether the header is this body's. In constant time; never true without a secret.

    `body` is what arrived, byte by byte: Meta escapes letters and emoji in its own way, so JSON
    that was read and written again is not what was signed.
    """
    if not header or not app_secret:
        return False
    expected = signature(body, app_secret).encode()
    return hmac.compare_digest(header.encode(errors="surrogatepass"), expected)


def challenge(query: Mapping[str, str], verify_token: str) -> str | None:
    """What to answer (as plain text) when Meta subscribes to the webhook; None: 403.

    `query` is that of the GET request: hub.mode, hub.verify_token, hub.challenge.
    """
    given = query.get("hub.verify_token", "").encode(errors="surrogatepass")
    answer = query.get("hub.challenge", "")
    is_ours = bool(verify_token) and hmac.compare_digest(given, verify_token.encode())
    if not is_ours or query.get("hub.mode") != "subscribe":
        return None
    return answer if answer.isascii() and answer.isalnum() else None
