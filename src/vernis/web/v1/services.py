"""Services, and after how many days their clients come back."""

from pydantic import Field

from vernis.decide.timing.owner import LONGEST
from vernis.stages import service_list, service_overrides
from vernis.web.v1 import common
from vernis.web.v1.common import Answer, Asked, Id, Reader, Setter
from vernis.web.v1.paging import Cursor, Limit, Page, after, number, page

router = common.router("services")


class ServiceRow(Answer):
    """A service, and what is known of its rhythm."""

    service_id: int = Field(examples=[5])
    title: str = Field(examples=["Маникюр"])
    category: str | None
    price_minor: int | None = Field(description="In minor units.", examples=[210000])
    duration_minutes: int = Field(examples=[60])
    is_active: bool
    own_interval_days: int | None = Field(description="What the owner set: it goes before others.")
    learned_days: int | None = Field(
        description="By when half of all who return are back.", examples=[24]
    )
    learned_from_days: int | None = Field(description="From here to `learned_to_days`: 80%.")
    learned_to_days: int | None
    sample_size: int | None = Field(description="Returns that this was learned from.")
    standard_key: str | None = Field(examples=["manicure"])
    standard_days: int | None = Field(description="The industry's.", examples=[21])
    clients: int = Field(description="Whose last visit was for it.")


class NewInterval(Asked):
    own_interval_days: int | None = Field(
        ge=1,
        le=LONGEST,
        description="None: as is learned from visits.",
        examples=[30],
    )


@router.get("/services", operation_id="services", summary="The services, by their ids")
async def listed(
    caller: Reader, is_active: bool | None = None, limit: Limit = 50, cursor: Cursor = None
) -> Page[ServiceRow]:
    begin = after("services", cursor, number)
    rows = await service_list.listed(
        caller.app.db,
        caller.company,
        is_active=is_active,
        after=begin[0] if begin else 0,
        most=limit + 1,
    )
    return Page(
        **page(
            "services",
            rows,
            limit,
            key=lambda row: [row.service_id],
            shown=ServiceRow.model_validate,
        )
    )


@router.get("/services/{service_id}", operation_id="service", summary="One service")
async def one(caller: Reader, service_id: Id) -> ServiceRow:
    found = await service_list.one(caller.app.db, caller.company, service_id)
    return ServiceRow.model_validate(found)


@router.patch(
    "/services/{service_id}", operation_id="setInterval", summary="Set a service's own interval"
)
async def set_interval(caller: Setter, service_id: Id, new: NewInterval) -> ServiceRow:
    """Its clients' due dates follow at once."""
    app, of = caller.app, caller.company
    days = new.own_interval_days
    await service_overrides.set_interval(
        app.db, of, service_id, days, who=caller.who, now=app.clock()
    )
    return await one(caller, service_id)
