"""The web application: routes, faults, limits and what is logged, around an open `App`."""

import logging
import time
from typing import Any

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vernis.app import App
from vernis.web import crm_webhooks, errors, health, metrics, webhooks
from vernis.web.limits import Limits
from vernis.web.live import Live
from vernis.web.pages import demo
from vernis.web.pages import routes as pages
from vernis.web.pages.rendering import STATIC
from vernis.web.security.headers import Headers
from vernis.web.v1.routes import ROUTERS

log = logging.getLogger(__name__)

_ABOUT = """What other programs ask Vernis for. Every route of a company wants one of its keys:
`Authorization: Bearer vernis_...`. Faults are problems (RFC 9457) with one sentence in `detail`."""


class Web(FastAPI):
    """FastAPI whose OpenAPI names our problems."""

    def openapi(self) -> dict[str, Any]:
        schema = super().openapi()
        schema.setdefault("components", {}).setdefault("schemas", {})["Problem"] = errors.SCHEMA
        return schema


def create(vernis: App, *, guest: str | None = None) -> Web:
    """The routes over an open app; several may share one. `guest` is the secret of a demo, whose
    visitors need no password."""
    web = Web(
        title="Vernis",
        version="1",
        description=_ABOUT,
        openapi_url="/v1/openapi.json",
        docs_url=None,  # its pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    web.state.vernis = vernis
    web.state.limits = Limits()
    web.state.live = Live(vernis.database_url)
    web.include_router(webhooks.router)  # first, for routes are tried in order: these are floods
    web.include_router(crm_webhooks.router)
    web.include_router(health.router)
    web.include_router(metrics.router)
    for router in ROUTERS:
        web.include_router(router)
    for router in pages.routers:
        web.include_router(router)
    if guest is not None:
        web.include_router(demo.let_in(guest))
    web.mount("/static", Static(directory=STATIC))
    errors.register(web)
    web.add_middleware(Log)
    web.add_middleware(errors.Guard)
    web.add_middleware(Headers)
    web.add_middleware(metrics.Measured)
    return web


class Static(StaticFiles):
    """What pages load. A name with a version never changes its content."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        is_versioned = b"v=" in args[2].get("query_string", b"")
        lasts = "max-age=31536000, immutable" if is_versioned else "no-cache"
        response.headers["cache-control"] = f"public, {lasts}"
        return response


class Log:
    """One line a request: the route as it is written here, never what was sent to it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", "unknown")
            company = scope.get("path_params", {}).get("company_id", "-")
            log.info(
                "web method=%s route=%s company=%s status=%d seconds=%.3f",
                scope["method"] if scope["method"].isalpha() else "-",
                route,
                company if str(company).isdecimal() and len(str(company)) < 19 else "-",
                status,
                time.monotonic() - began,
            )
