"""The company itself, and everything that can be set."""

import re
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends
from pydantic import AfterValidator, Field, StringConstraints

from vernis.decide.settings.company import shown
from vernis.domain import Assistant, Company, Locale
from vernis.stages import companies
from vernis.web.errors import documented, invalid
from vernis.web.keys import Caller, allowed_anywhere
from vernis.web.v1 import common
from vernis.web.v1.common import Answer, Reader, Setter, storable

router = common.router("companies")
root = APIRouter(
    prefix="/v1/companies",
    tags=["companies"],
    responses=documented(400, 401, 403, 413, 422, 429, 503),
)

MOST_SETTINGS = 100
_KEY = re.compile(r"[a-z][a-z_]*(\.[^=\n]{1,80})?")

Value = Annotated[str, StringConstraints(max_length=4000), AfterValidator(storable)]
Settings = dict[str, str]
_EXAMPLE = {"daily_cap": "30", "send_from": "10:00", "offer.win_back": "10%"}


class CompanyAnswer(Answer):
    company_id: int = Field(examples=[1])
    name: str = Field(examples=["Лён"])
    locale: Locale
    timezone: str = Field(description="Its days are counted there.", examples=["Europe/Moscow"])
    currency: str = Field(examples=["RUB"])
    country: str = Field(examples=["RU"])
    send_from: str = Field(description="Company-local.", examples=["10:00"])
    send_until: str = Field(examples=["20:00"])
    daily_cap: int = Field(description="Messages a day at most.")
    holdout_percent: int = Field(description="Of the lapses, not written to, to compare with.")
    approval: bool = Field(description="A person approves each message first.")
    assistant: Assistant = Field(description="Who answers the clients.")
    today: date = Field(description="In its time zone.")
    now: datetime


class Companies(Answer):
    """Those that the key may see: a key is for one."""

    items: list[CompanyAnswer]
    next: None = None


@root.get("", operation_id="companies", summary="The companies that the key may see")
async def all_of_them(
    caller: Annotated[Caller, Depends(allowed_anywhere("read"))],
) -> Companies:
    return Companies(items=[_answer(caller)])


@router.get("", operation_id="company", summary="The company")
async def one(caller: Reader) -> CompanyAnswer:
    return _answer(caller)


@router.get("/settings", operation_id="settings", summary="Everything that can be set")
async def settings(caller: Reader) -> Settings:
    """Each as a person types it, as `vernis set` takes it."""
    return shown(caller.company)


@router.patch("/settings", operation_id="changeSettings", summary="Change settings")
async def change(
    caller: Setter,
    values: Annotated[
        dict[str, Value], Body(min_length=1, max_length=MOST_SETTINGS, examples=[_EXAMPLE])
    ],
) -> Settings:
    """All of these or, where one is wrong, none; what can be set is what `GET` answers, and
    `variant.NAME`."""
    if not all(_KEY.fullmatch(key) for key in values):
        raise invalid("The body", "The body names no setting like daily_cap or offer.win_back.")
    assignments = [f"{key}={value}" for key, value in values.items()]
    app = caller.app
    new = await companies.change(
        app.db, caller.company, assignments, now=app.clock(), who=caller.who
    )
    return shown(new)


def _answer(caller: Caller) -> CompanyAnswer:
    of: Company = caller.company
    now = caller.app.clock().astimezone(of.zone)
    known: dict[str, Any] = {
        name: getattr(of, name) for name in CompanyAnswer.model_fields if hasattr(of, name)
    }
    known |= {name: f"{known[name]:%H:%M}" for name in ("send_from", "send_until")}
    return CompanyAnswer(**known, today=now.date(), now=now)
