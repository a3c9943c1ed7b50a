"""The second factor: codes of six digits that change every 30 seconds (TOTP, RFC 6238)."""

from datetime import datetime
from typing import TYPE_CHECKING

from vernis.app import App
from vernis.stages import users
from vernis.stages.users import User

if TYPE_CHECKING:
    from pyotp import TOTP

STEP_SECONDS = 30


def new_secret() -> str:
    from pyotp import random_base32

    return str(random_base32())


def address(secret: str, login: str) -> str:
    """What the app's camera reads."""
    return str(_totp(secret).provisioning_uri(name=login, issuer_name="Vernis"))


def step_of(secret: str, code: str, *, now: datetime) -> int | None:
    """The time step whose code this is: of now, or of 30 seconds before or after."""
    typed = "".join(code.split())
    if not (typed.isascii() and typed.isdecimal() and len(typed) == 6):
        return None
    totp, step = _totp(secret), int(now.timestamp()) // STEP_SECONDS
    for near in (step, step - 1, step + 1):
        if totp.verify(typed, for_time=near * STEP_SECONDS):
            return near
    return None


def seal(app: App, user: User, secret: str) -> bytes:
    return app.sealer.seal(secret, company_id=0, account_id=user.user_id)


async def passes(app: App, user: User, code: str) -> bool:
    """Whether this person's code is right, and was not used before; yes where none is asked for."""
    if user.totp_sealed is None:
        return True
    secret = app.sealer.unseal(user.totp_sealed, company_id=0, account_id=user.user_id)
    step = step_of(secret, code, now=app.clock())
    return step is not None and await users.use_step(app.db, user, step)


def _totp(secret: str) -> "TOTP":
    from pyotp import TOTP

    return TOTP(secret)
