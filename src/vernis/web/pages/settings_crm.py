"""The salon's CRM: how far it is read, read it now, leave it."""

from collections.abc import Mapping

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from vernis.stages import crm_connections, crm_rejects, syncing
from vernis.web.pages.catalog import N_
from vernis.web.pages.rendering import page
from vernis.web.security import forms
from vernis.web.security.viewer import Owner, Reader

router = APIRouter(
    prefix="/c/{company_id}/settings/crm",
    include_in_schema=False,
    dependencies=[Depends(forms.check)],
)
CRMS: Mapping[str, str] = {"yclients": "YClients", "ai_admin": "AI Admin"}
ENTITIES: Mapping[str, str] = {
    "company": N_("The salon"),
    "staff": N_("Staff"),
    "services": N_("Services"),
    "clients": N_("Clients"),
    "records": N_("Visits and bookings"),
    "schedules": N_("Working hours"),
}


@router.get("")
async def show(request: Request, viewer: Reader) -> HTMLResponse:
    db, company = viewer.app.db, viewer.company
    connection = await crm_connections.find(db, company)
    address = ""
    if connection is not None and connection.crm == "yclients" and viewer.may("owner"):
        key = crm_connections.webhook_key(connection, viewer.app.hash_phone)
        base = (viewer.app.settings.web_url or str(request.base_url)).rstrip("/")
        address = f"{base}/webhooks/{connection.crm}/{key}"
    return page(
        request,
        "settings/crm.html",
        viewer,
        connection=connection,
        crms=CRMS,
        entities=ENTITIES,
        progress=await syncing.progress(db, company) if connection else {},
        rejected=len(await crm_rejects.listed(db, company)) if connection else 0,
        address=address,
    )


@router.post("/sync")
async def sync(viewer: Owner) -> Response:
    """A worker reads what changed, within a minute."""
    await crm_connections.connected(viewer.app.db, viewer.company)
    await crm_connections.ask_for_sync(viewer.app.db, viewer.company, now=viewer.now)
    return RedirectResponse(f"{viewer.here}/settings/crm?done=sync_asked", 303)


@router.post("/disconnect")
async def disconnect(viewer: Owner) -> Response:
    await crm_connections.disconnect(viewer.app.db, viewer.company, who=viewer.who)
    return RedirectResponse(f"{viewer.here}/settings/crm?done=crm_left", 303)
