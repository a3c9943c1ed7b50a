"""All pages."""

from fastapi import APIRouter

from vernis.web.pages import account, dialog_events, dialogs, plan, plan_acts

routers: tuple[APIRouter, ...] = (
    account.router,
    dialog_events.router,
    dialogs.router,
    plan.router,
    plan_acts.router,
)
