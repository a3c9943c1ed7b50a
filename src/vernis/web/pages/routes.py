"""All pages."""

from fastapi import APIRouter

from vernis.web.pages import account, plan, plan_acts

routers: tuple[APIRouter, ...] = (account.router, plan.router, plan_acts.router)
