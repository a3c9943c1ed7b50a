"""Variants as a person types them, and back.

variants=soft,short:2                      two of them, the second twice as often
variant.short.tone=brief
variant.soft.offer.win_back=15%; 14 days   instead of the company's offer
variant.short.offers=none                  no offer in any band
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from vernis.decide.settings import offers as offer_settings
from vernis.domain import Band, Company, Offer, Tone, Variant
from vernis.errors import UsageError

MOST = 6
MOST_WEIGHT = 100
COMPANYS = "company"  # as the company has it

_ONE = re.compile(r"([\w-]{1,20})(?::(\d{1,3}))?")


def listed(before: Sequence[Variant], text: str) -> tuple[Variant, ...]:
    """The variants of «soft,short:2»; what is known of one by its name stays."""
    if text.lower() in offer_settings.NOTHING:
        return ()
    known = {variant.name: variant for variant in before}
    variants: list[Variant] = []
    for part in text.split(","):
        typed = _ONE.fullmatch(part.strip())
        weight = int(typed[2] or 1) if typed else 0
        if typed is None or not 1 <= weight <= MOST_WEIGHT:
            raise UsageError(
                f"variants={text}: give short names with commas between them, like soft,short,"
                f" each with :weight from 1 to {MOST_WEIGHT} where they are not equal."
            )
        name = typed[1]
        variants.append(replace(known.get(name, Variant(name=name)), weight=weight))
    if len({variant.name for variant in variants}) < len(variants):
        raise UsageError(f"variants={text}: give each variant another name.")
    if not 2 <= len(variants) <= MOST:
        raise UsageError(f"variants={text}: a test needs 2 to {MOST} variants, or none.")
    return tuple(variants)


def changed(company: Company, key: str, text: str) -> Company:
    """The company with one setting of one variant, like `variant.short.tone`."""
    name, _, rest = key.removeprefix("variant.").partition(".")
    what, _, band = rest.partition(".")
    variant = next((one for one in company.variants if one.name == name), None)
    if variant is None:
        names = ",".join(one.name for one in company.variants) or "soft,short"
        raise UsageError(f"There is no variant for {key}: name them first, like variants={names}.")
    match what, band:
        case "tone", "":
            new = replace(variant, tone=_tone(key, text))
        case "offers", "":
            new = replace(variant, offers=_offers(key, text))
        case "offer", band:
            offers = company.offers if variant.offers is None else variant.offers
            offers = offer_settings.changed(offers, band, text, company.currency)
            new = replace(variant, offers=offers)
        case _:
            raise UsageError(
                f"There is no setting «{key}»: a variant has tone, offers and"
                f" {', '.join(f'offer.{known}' for known in Band)}."
            )
    others = (new if one.name == name else one for one in company.variants)
    return replace(company, variants=tuple(others))


def shown(company: Company) -> dict[str, str]:
    """Every setting of the variants as a person would type it."""
    parts = [
        one.name if one.weight == 1 else f"{one.name}:{one.weight}" for one in company.variants
    ]
    texts = {"variants": ",".join(parts) or "none"}
    for one in company.variants:
        texts[f"variant.{one.name}.tone"] = one.tone or COMPANYS
        if not one.offers:
            texts[f"variant.{one.name}.offers"] = COMPANYS if one.offers is None else "none"
            continue
        for band in Band:
            offer = offer_settings.typed(one.offers.get(band), company.locale)
            texts[f"variant.{one.name}.offer.{band}"] = offer
    return texts


def _tone(key: str, text: str) -> Tone | None:
    if text == COMPANYS:
        return None
    if text not in {tone.value for tone in Tone}:
        raise UsageError(f"{key}={text}: give {', '.join(Tone)} or {COMPANYS}.")
    return Tone(text)


def _offers(key: str, text: str) -> dict[Band, Offer] | None:
    if text == COMPANYS:
        return None
    if text.lower() not in offer_settings.NOTHING:
        raise UsageError(
            f"{key}={text}: give none or {COMPANYS}; one band's offer is"
            f" {key.removesuffix('s')}.{Band.WIN_BACK}=10%."
        )
    return {}
