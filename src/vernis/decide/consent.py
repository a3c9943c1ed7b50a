"""What a message to a client relies on: their own consent, the company's basis, a visit."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from vernis.decide.policies import policy_of
from vernis.domain import Company


class Kind(StrEnum):
    """What may be relied on, the strongest first."""

    GIVEN = "given"  # the client's own consent
    BASIS = "basis"  # how the company obtained it from all of whom nothing better is known
    SOFT_OPT_IN = "soft_opt_in"  # an existing customer, where the country's law allows it
    NOT_REQUIRED = "not_required"  # the company has said so: consent_required=no


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one message relies on. `on` is the day of the consent, or of the visit."""

    kind: Kind
    source: str
    on: date | None

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        on = self.on.isoformat() if self.on else None
        return {"kind": self.kind.value, "source": self.source, "on": on}


def evidence(
    company: Company,
    *,
    consent: str,
    consent_source: str | None = None,
    consent_on: date | None = None,
    last_visit_on: date | None,
    on: date,
) -> Evidence | None:
    """What advertising to a client may rely on at a day; None where nothing allows it.

    `consent` is the client's own: `given`, `refused` or `unknown`. Where the company requires none
    (`consent_required=no`), its country's exception for existing customers counts, and where the
    country knows no such exception the company's word alone.
    """
    if consent == "refused":
        return None
    if consent == "given":
        return Evidence(kind=Kind.GIVEN, source=consent_source or "unstated", on=consent_on)
    if company.consent_basis is not None:
        source, since = company.consent_basis, company.consent_basis_on
        return Evidence(kind=Kind.BASIS, source=source, on=since)
    if company.consent_required:
        return None
    policy = policy_of(company.country)
    if policy.soft_opt_in_days is None:
        return Evidence(kind=Kind.NOT_REQUIRED, source="consent_required=no", on=None)
    if last_visit_on is None or on > last_visit_on + timedelta(days=policy.soft_opt_in_days):
        return None
    return Evidence(kind=Kind.SOFT_OPT_IN, source=policy.source, on=last_visit_on)
