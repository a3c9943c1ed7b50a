"""What AI Admin v2 calls its tables and columns, as far as they are read; each by setting.

The defaults are those of its own schema as of December 2025: ids are YClients', and a company is
known by its `company_id`.
"""

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

# PostgreSQL cuts longer names off.
Name = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[^\x00%]+$")]
TableName = Annotated[str, Field(pattern=r"^[^\x00.%]{1,63}(\.[^\x00.%]{1,63})?$")]


class Columns(BaseModel):
    """A table, perhaps with its schema before a dot, and the column of each of our words.

    A column that is not `needed` may be "" or simply not be there; one that was set must be.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    needed: ClassVar[tuple[str, ...]] = ("id", "company_id")
    table: TableName

    @field_validator("*", mode="before")
    @classmethod
    def _nothing(cls, value: Any) -> Any:
        return None if value == "" else value

    @property
    def named(self) -> dict[str, str]:
        """Column by word, without those that are left out."""
        told = {word: getattr(self, word) for word in type(self).model_fields if word != "table"}
        return {word: column for word, column in told.items() if column is not None}

    def must_have(self, word: str) -> bool:
        return word in self.needed or word in self.model_fields_set


class CompanyColumns(Columns):
    needed = ("id", "name")
    table: TableName = "companies"
    id: Name = "company_id"
    name: Name = "title"
    timezone: Name | None = "timezone"
    currency: Name | None = "currency"
    address: Name | None = "address"
    phone: Name | None = "phone"


class ClientColumns(Columns):
    needed = ("id", "company_id", "phone", "updated_at")
    table: TableName = "clients"
    id: Name = "yclients_id"
    company_id: Name = "company_id"
    name: Name | None = "name"
    surname: Name | None = "surname"
    phone: Name = "phone"
    gender: Name | None = "gender"
    blacklisted: Name | None = "blacklisted"
    is_deleted: Name | None = "is_deleted"
    updated_at: Name = "updated_at"


class ServiceColumns(Columns):
    needed = ("id", "company_id", "title")
    table: TableName = "services"
    id: Name = "yclients_id"
    company_id: Name = "company_id"
    title: Name = "title"
    category: Name | None = "category_title"
    price: Name | None = "price_min"
    seconds: Name | None = "seance_length"
    is_active: Name | None = "is_active"


class StaffColumns(Columns):
    needed = ("id", "company_id", "name")
    table: TableName = "staff"
    id: Name = "yclients_id"
    company_id: Name = "company_id"
    name: Name = "name"
    is_active: Name | None = "is_active"
    service_ids: Name | None = "service_ids"  # which they do


class BookingColumns(Columns):
    """`seconds` is the length of all services, `amount` what they cost together."""

    needed = ("id", "company_id", "client_id", "starts_at", "updated_at")
    table: TableName = "bookings"
    id: Name = "yclients_record_id"
    company_id: Name = "company_id"
    client_id: Name = "client_yclients_id"
    client_name: Name | None = "client_name"
    client_phone: Name | None = "client_phone"
    staff_id: Name | None = "staff_id"
    staff_name: Name | None = "staff_name"
    service_ids: Name | None = "service_ids"
    service_titles: Name | None = "services"
    starts_at: Name = "datetime"
    ends_at: Name | None = "ends_at"
    seconds: Name | None = "duration"
    amount: Name | None = "cost"
    status: Name | None = "status"
    attendance: Name | None = "visit_attendance"
    is_deleted: Name | None = "is_deleted"
    created_at: Name | None = "created_at"
    updated_at: Name = "updated_at"


class AiAdminTables(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    companies: CompanyColumns = CompanyColumns()
    clients: ClientColumns = ClientColumns()
    services: ServiceColumns = ServiceColumns()
    staff: StaffColumns = StaffColumns()
    bookings: BookingColumns = BookingColumns()
