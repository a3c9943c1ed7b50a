"""The WhatsApp Cloud API. The account's address is the phone number id.

The setting `template` of an account (name, language, `variable` where it is not {{1}}) opens
conversations; `business`, the id of its WhatsApp Business account, is where the template is looked
up. Its own token, sealed, goes before the installation's.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from vernis.adapters.channel_http import Answer, Http, judged
from vernis.decide.channels import cloud_standing as standing
from vernis.decide.channels.cloud_errors import code_of, meaning
from vernis.decide.channels.cloud_request import (
    LONGEST_VARIABLE,
    WINDOW,
    request,
    template_of,
)
from vernis.decide.channels.fields import identity, objects
from vernis.domain import Abilities, Account, Connected, ConnectionState, Outgoing, Receipt
from vernis.errors import (
    ChannelError,
    OutcomeUnknownError,
    Refusal,
    RefusedError,
    VernisError,
)
from vernis.ports import Clock

BASE_URL = "https://graph.facebook.com/v23.0"
_ID = re.compile(r"[0-9]{1,32}")
_VERSION = re.compile(r"/v([0-9]+)\.[0-9]+$")


class Unseal(Protocol):
    """Opens an account's token, as `sealing.Sealer.unseal` does; raises a VernisError if not."""

    def __call__(self, sealed: bytes, *, company_id: int, account_id: int) -> str: ...


class Cloud:
    """All accounts of the installation on the Cloud API.

    `token` is the installation's, for accounts without their own. Nothing is repeated here.
    """

    name = "cloud"
    abilities = Abilities(
        reports_delivery=True,
        free_text_for=WINDOW,
        longest_text=LONGEST_VARIABLE,
        single_line=True,
    )

    def __init__(
        self,
        *,
        clock: Clock,
        unseal: Unseal,
        token: str | None = None,
        base_url: str = BASE_URL,
        seconds: float = 30.0,
    ) -> None:
        self._clock = clock
        self._unseal = unseal
        self._token = token
        self._http = Http(base_url, seconds=seconds, by_proxy=base_url.startswith("https://"))
        version = _VERSION.search(self._http.base_url)
        # v24.0 took the limit from the number to the business
        self._limit = (
            "whatsapp_business_manager_messaging_limit"
            if version and int(version[1]) >= 24
            else "messaging_limit_tier"
        )

    def message_id(self, account: Account, message: Outgoing) -> str | None:  # noqa: ARG002
        """Meta names it in its answer only; statuses bring our key (biz_opaque_callback_data)."""
        return None

    async def send(self, account: Account, message: Outgoing) -> Receipt:
        number, token = _number(account), self._token_of(account)
        if number is None:
            raise RefusedError("no_phone_number_id", refusal=Refusal.NOT_CONNECTED)
        if token is None:
            raise RefusedError("no_token", refusal=Refusal.UNAUTHORISED)
        body = request(message, template_of(account.settings), now=self._clock())
        answer = await self._http.call(
            "POST", f"/{number}/messages", body=body, headers=_bearing(token)
        )
        if not answer.is_success:
            raise _error(answer)
        for sent in objects(answer.fields.get("messages")):
            if id_ := identity(sent.get("id")):
                return Receipt(provider_message_id=id_, accepted_at=self._clock())
        raise OutcomeUnknownError("Meta's answer names no message: it may have left.")

    async def look_up(self, account: Account, phones: Sequence[str]) -> dict[str, bool]:  # noqa: ARG002
        """Nothing: the Cloud API does not tell before a message is sent."""
        return {}

    async def connection(self, account: Account) -> Connected:
        """`limits` as in `cloud_standing.of_number`, and `template_category` where it is known."""
        number, token = _number(account), self._token_of(account)
        if number is None:
            return standing.NO_NUMBER
        if token is None:
            return standing.NO_TOKEN
        asked = f"id,display_phone_number,status,quality_rating,{self._limit}"
        told = await self._ask(f"/{number}", {"fields": asked}, token)
        if isinstance(told, Connected):
            return told
        connected = standing.of_number(told)
        if connected.state is not ConnectionState.CONNECTED:
            return connected
        return await self._with_template(account, connected, token)

    async def _with_template(self, account: Account, connected: Connected, token: str) -> Connected:
        template, business = template_of(account.settings), account.business
        if template is None:
            state = ConnectionState.TEMPLATE_MISSING
            return replace(connected, state=state, says=standing.NO_TEMPLATE)
        if business is None or not _ID.fullmatch(business):
            return replace(connected, says=connected.says or standing.NO_BUSINESS)
        told = await self._ask(f"/{business}/message_templates", {"name": template["name"]}, token)
        if isinstance(told, Connected):
            return replace(told, limits=connected.limits)
        if objection := standing.objection(template, told):
            return replace(connected, state=ConnectionState.TEMPLATE_MISSING, says=objection)
        category = standing.category(template, told)
        limits = connected.limits if category is None else {"template_category": category}
        return replace(connected, limits={**connected.limits, **limits})

    async def _ask(
        self, path: str, params: Mapping[str, str], token: str
    ) -> Mapping[str, Any] | Connected:
        """Meta's answer, or what its absence says of the account."""
        try:
            answer = await self._http.call("GET", path, params=params, headers=_bearing(token))
        except ChannelError:
            return standing.UNREACHABLE
        if answer.is_success and answer.fields:
            return answer.fields
        if known := standing.refused(answer.fields.get("error")):
            return known
        if answer.status in (401, 403):
            return standing.refused({"code": 190}) or standing.UNREACHABLE
        return standing.UNREACHABLE

    def _token_of(self, account: Account) -> str | None:
        if account.sealed_token is None:
            return self._token or None
        try:
            whose = {"company_id": account.company_id, "account_id": account.account_id}
            return self._unseal(account.sealed_token, **whose) or None
        except VernisError:
            return None

    async def aclose(self) -> None:
        await self._http.aclose()


def _number(account: Account) -> str | None:
    """The phone number id, where it is one: it becomes part of an address."""
    return account.address if account.address and _ID.fullmatch(account.address) else None


def _bearing(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def _error(answer: Answer) -> ChannelError:
    """What an answer other than 2xx comes to: by Meta's code, else by its status."""
    error = answer.fields.get("error")
    code = code_of(error)
    if (known := meaning(error)) is None:
        return judged(answer, code)
    if known.doubtful:
        return OutcomeUnknownError(f"Meta answered {code}: the message may have left.")
    return RefusedError(
        code or "",
        refusal=known.refusal,
        temporary=known.temporary,
        retry_after=answer.retry_after or known.wait,
    )
