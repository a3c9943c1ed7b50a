"""Webhooks of CRMs. They are not signed: the address itself is the secret, and what they say is
only a hint at what to read again over the API. What one that is lost would have said, the next
sync finds by itself; the deletion of a client, which no list of changes has, is noted at once."""

import hmac
import json
from typing import Any

from fastapi import APIRouter, Request, Response

from vernis.app import App
from vernis.domain import Company
from vernis.errors import NotFoundError
from vernis.stages import companies, crm_connections, syncing
from vernis.web.errors import Problem
from vernis.web.keys import vernis_of

router = APIRouter(prefix="/webhooks", include_in_schema=False)

LONGEST_ID = 18  # digits
_READ = {"company", "service_category", "service", "staff", "client", "record"}


@router.post("/yclients/{key}")
async def take(key: str, request: Request) -> Response:
    """200 once what it hints at is noted; 404 where nobody's webhooks come to this address."""
    app = vernis_of(request)
    company, salon = await _whose(app, key)
    said = _said(await request.body())
    if str(said.get("company_id")) != salon:
        raise Problem(400, "other_salon", "This webhook is about another salon than its address.")
    resource, status, id_ = (said.get(name) for name in ("resource", "status", "resource_id"))
    if resource not in _READ:
        return Response(status_code=200)
    if resource == "client" and status == "delete" and _is_id(id_):
        await syncing.suspect_deleted(app.db, company, str(id_), crm="yclients", now=app.clock())
    await crm_connections.ask_for_sync(app.db, company, now=app.clock())
    return Response(status_code=200)


async def _whose(app: App, key: str) -> tuple[Company, str]:
    """The company that this address was made for, and its salon."""
    number, _, _ = key.partition("-")
    unknown = Problem(404, "no_such_address", "Nobody's webhooks come here: look at the address.")
    if not (number.isascii() and number.isdecimal() and len(number) <= LONGEST_ID):
        raise unknown
    try:
        company = await companies.get(app.db, int(number))
    except NotFoundError:
        raise unknown from None
    connection = await crm_connections.find(app.db, company)
    if connection is None or not connection.is_connected or connection.crm != "yclients":
        raise unknown
    right = crm_connections.webhook_key(connection, app.hash_phone)
    if not hmac.compare_digest(right.encode(), key.encode()):
        raise unknown
    return company, connection.external_id


def _said(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise Problem(400, "unreadable", "The body is not what this CRM sends.")
    return said


def _is_id(said: Any) -> bool:
    text = str(said)
    is_number = isinstance(said, int | str) and not isinstance(said, bool)
    return is_number and text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID
