"""What to do where clients cannot be written to for want of consent."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from vernis.decide.consent import Kind
from vernis.decide.plan import Plan
from vernis.domain import Company, Reason

HOW = '`vernis set consent_basis="a form signed at the first visit"`'


_RELIED = {
    Kind.GIVEN: "the client's own consent, {source}",
    Kind.BASIS: "what the company says of all clients, «{source}»",
    Kind.SOFT_OPT_IN: "a visit, after which {source} allows it",
    Kind.NOT_REQUIRED: "the company's word that it needs no consent ({source})",
}
_SOURCES = {"file": "from an imported file", "unstated": "of which no source is kept"}


def told(source: str, on: date | None) -> str:
    """Whence a client's own consent is, and since when: from an imported file, 05 Mar 2024."""
    named = _SOURCES.get(source, source)
    return f"{named}, {on:%d %b %Y}" if on else named


def relied_on(evidence: Mapping[str, Any]) -> str:
    """The evidence that a message relies on, as `consent.Evidence.as_dict` has it."""
    source = _SOURCES.get(evidence["source"], evidence["source"])
    words = _RELIED[Kind(evidence["kind"])].format(source=source)
    on = evidence.get("on")
    return f"{words}, {date.fromisoformat(on):%d %b %Y}" if on else words


def missing(company: Company, number: int, who: str = "clients") -> str | None:
    """One sentence about so many clients without consent on record; None where it is settled."""
    if number == 0 or company.consent_basis is not None:
        return None
    return (
        f"{number:,} {who} have no consent on record, and in {company.country} advertising needs"
        f" one beforehand: if they agreed in another way, say how with {HOW}."
    )


def missing_in(plan: Plan, company: Company) -> str | None:
    """The same about those whom a plan leaves out for it; who refused is not among them."""
    without = sum(
        decision.verdict.reason is Reason.NO_CONSENT and decision.candidate.consent != "refused"
        for decision in plan.decisions
    )
    return missing(company, without, "clients who are due")
