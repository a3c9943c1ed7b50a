"""All pages."""

from fastapi import APIRouter

from vernis.web.pages import (
    account,
    clients,
    data,
    dialog_events,
    dialogs,
    overview,
    plan,
    plan_acts,
    report,
    services,
    start,
    start_rules,
)

routers: tuple[APIRouter, ...] = (
    account.router,
    overview.router,
    report.router,
    dialog_events.router,
    dialogs.router,
    plan.router,
    plan_acts.router,
    clients.router,
    services.router,
    start.router,
    start_rules.router,
    data.router,
    data.files_router,
)
