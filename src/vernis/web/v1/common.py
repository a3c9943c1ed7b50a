"""What the routes of a company share: its path, who may ask, the days they speak of."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict

from vernis.decide.hours import opening
from vernis.stages.explaining import masked
from vernis.web.errors import documented
from vernis.web.keys import Caller, allowed
from vernis.web.v1.idempotency import Once, writes

Reader = Annotated[Caller, Depends(allowed("read"))]
Correspondent = Annotated[Caller, Depends(allowed("messages"))]
SettingsReader = Annotated[Caller, Depends(allowed("settings"))]
Admin = Annotated[Caller, Depends(allowed("admin"))]
Writer = Annotated[Caller, Depends(writes("write"))]
Setter = Annotated[Caller, Depends(writes("settings"))]
Master = Annotated[Caller, Depends(writes("admin"))]


def storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("take the NUL character out")
    return text


Id = Annotated[int, Path(ge=1, lt=10**18)]
AnId = Annotated[int, Query(ge=1, lt=10**18)]
Words = Annotated[str, Query(min_length=1, max_length=100), AfterValidator(storable)]


class Answer(BaseModel):
    """Read from the fields of what a stage found."""

    model_config = ConfigDict(from_attributes=True)


class Asked(BaseModel):
    """What a request says; what is not known here is refused."""

    model_config = ConfigDict(extra="forbid")


def router(tag: str) -> APIRouter:
    """Routes of one noun, under the company's path."""
    return APIRouter(
        prefix="/v1/companies/{company_id}",
        tags=[tag],
        route_class=Once,
        responses=documented(400, 401, 403, 404, 409, 413, 422, 429, 503),
    )


def shown_phone(caller: Caller, phone: str | None) -> str | None:
    """In full for keys with the scope `messages`, else enough to recognise it by."""
    if phone is None or caller.sees_messages:
        return phone
    return masked(phone)


def shown_text(caller: Caller, text: str | None) -> str | None:
    """For keys with the scope `messages` only."""
    return text if caller.sees_messages else None


def moment_of(caller: Caller, on: date) -> datetime:
    """When a day is looked at: now, or a day to come when it opens."""
    if on == caller.today:
        return caller.app.clock()
    return opening(caller.company, on)
