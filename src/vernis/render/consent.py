"""What to do where clients cannot be written to for want of consent."""

from vernis.decide.plan import Plan
from vernis.domain import Company, Reason

HOW = '`vernis set consent_basis="a form signed at the first visit"`'


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
