"""Amounts of money for people."""

from vernis.domain import Company


def money(minor: int, company: Company) -> str:
    """Whole units, as the company's own language writes them."""
    from babel import Locale
    from babel.numbers import format_currency

    from vernis.decide.files.values import currency_digits

    pattern = Locale.parse(company.locale.value).currency_formats["standard"].pattern
    return format_currency(
        round(minor / 10 ** currency_digits(company.currency)),
        company.currency,
        format=pattern.replace(".00", ""),
        locale=company.locale.value,
        currency_digits=False,
    )
