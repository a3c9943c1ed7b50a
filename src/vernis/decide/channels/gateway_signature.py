"""How the gateways prove that a webhook is theirs. Names of headers are in lower case."""

import hmac
import re
from collections.abc import Mapping

EVOLUTION_HEADER = "x-webhook-secret"

_SHA512 = re.compile(r"[0-9a-f]{128}")


def is_waha(secret: str, headers: Mapping[str, str], content: bytes) -> bool:
    """WAHA signs the raw body with the `hmac.key` of its webhook's settings (HMAC-SHA512, hex):
    https://waha.devlike.pro/docs/how-to/webhooks/. It signs no moment: repeats are told apart by
    the ids of what they bring."""
    signature = headers.get("x-webhook-hmac", "")
    if not secret or not _SHA512.fullmatch(signature):
        return False
    if headers.get("x-webhook-hmac-algorithm", "sha512").lower() != "sha512":
        return False
    return hmac.compare_digest(signature, hmac.digest(secret.encode(), content, "sha512").hex())


def is_evolution(secret: str, headers: Mapping[str, str]) -> bool:
    """Evolution signs nothing: it sends the secret that stands as `x-webhook-secret` among the
    `headers` of its webhook's settings, so what it posts must not cross a network in the open."""
    sent = headers.get(EVOLUTION_HEADER, "")
    given = sent.encode(errors="surrogatepass")
    return bool(secret) and hmac.compare_digest(given, secret.encode())
