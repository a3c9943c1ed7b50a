"""What every step of a sync works with."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from vernis.domain import Company
from vernis.ports import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One transaction of one company, and the CRM that is read."""

    connection: Connection
    company: Company
    crm: str
    now: datetime

    @property
    def prefix(self) -> str:
        return f"{self.crm}:"

    @property
    def today(self) -> date:
        return self.now.astimezone(self.company.zone).date()

    @property
    def values(self) -> dict[str, Any]:
        return {
            "company_id": self.company.company_id,
            "prefix": self.prefix,
            "now": self.now,
            "today": self.today,
        }

    def key(self, external_id: str) -> str:
        return self.prefix + external_id
