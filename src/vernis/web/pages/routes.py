"""All pages."""

from fastapi import APIRouter

from vernis.web.pages import account

routers: tuple[APIRouter, ...] = (account.router,)
