"""Settings as a page shows and takes them: `vernis set`'s texts, in a form that people fill in."""

import re
from collections.abc import Mapping

from vernis.decide.settings import company as known
from vernis.decide.settings.variants import COMPANYS
from vernis.domain import Band, Company, Locale
from vernis.errors import UsageError
from vernis.web.pages.settings_fields import HOURS_CLOSED, OFFER_RULE, SETTINGS, VARIANTS_RULE

LONGEST_NAME = 80
OWN, NONE = "own", "none"  # a variant's offers: its own, or none
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")


def shown(company: Company, locale: Locale) -> dict[str, str]:
    """What stands in each field; nothing set is an empty one."""
    texts = known.shown(company)
    typed = {key: _blank(texts[key]) for key in SETTINGS}
    typed["days_off"] = _days_out(typed["days_off"], locale)
    typed["banned_words"] = typed["banned_words"].replace(",", ", ")
    typed["variants"] = _blank(texts["variants"]).replace(",", ", ")
    for one in company.variants:
        at = f"variant.{one.name}"
        typed[f"{at}.tone"] = texts[f"{at}.tone"]
        typed[f"{at}.offers"] = texts.get(f"{at}.offers", OWN)
        for band in Band:
            typed[f"{at}.offer.{band}"] = _blank(texts.get(f"{at}.offer.{band}", NONE))
    return typed


def wishes(
    company: Company, typed: Mapping[str, str], was: Mapping[str, str]
) -> tuple[list[str], dict[str, str]]:
    """`key=value` of each field that is not as it `was`, and the rules of those that are wrong."""
    differ = {key: text for key, text in typed.items() if text != was.get(key)}
    wanted: list[str] = []
    faults: dict[str, str] = {}
    if "variants" in differ:
        # a name taken from a list of words: «тёплый, короткий: 2»
        listed = re.sub(r"\s*([,:])\s*", r"\1", differ["variants"]) or NONE
        if _is_wrong(company, [f"variants={listed}"]):
            faults["variants"] = VARIANTS_RULE
        else:
            wanted.append(f"variants={listed}")
            company = known.changed(company, wanted)
    for key, text in differ.items():
        if key in SETTINGS:
            wish = f"{key}={_as_set(key, text)}"
            if _is_wrong_alone(company, key, text, wish):
                faults[key] = SETTINGS[key].rule
            wanted.append(wish)
    for one in company.variants:
        at = f"variant.{one.name}"
        mine = {key for key in differ if key.startswith(f"{at}.")}
        if f"{at}.tone" in mine:
            wanted.append(f"{at}.tone={differ[f'{at}.tone']}")
        if mine - {f"{at}.tone"}:
            offers, wrong = _offers_of(company, at, typed)
            wanted += offers
            faults |= wrong
    return wanted, faults


def faults_together(
    company: Company, wanted: list[str], typed: Mapping[str, str]
) -> dict[str, str]:
    """What is wrong with fields that are right each by itself."""
    if not _is_wrong(company, wanted):
        return {}
    if typed["consent_basis_on"] and not typed["consent_basis"]:
        return {"consent_basis_on": SETTINGS["consent_basis_on"].rule}
    is_late = typed["send_from"] >= typed["send_until"]
    return {"send_until": SETTINGS["send_until"].rule if is_late else HOURS_CLOSED}


def _offers_of(
    company: Company, at: str, typed: Mapping[str, str]
) -> tuple[list[str], dict[str, str]]:
    """A variant's offers anew: the company's, none, or its own for each band."""
    chosen = typed.get(f"{at}.offers", COMPANYS)
    if chosen != OWN:
        return [f"{at}.offers={NONE if chosen == NONE else COMPANYS}"], {}
    wanted, faults = [f"{at}.offers={NONE}"], {}
    for band in Band:
        key = f"{at}.offer.{band}"
        if text := typed.get(key, ""):
            wish = f"{key}={text}"
            if _is_wrong(company, [wish]):
                faults[key] = OFFER_RULE
            wanted.append(wish)
    return wanted, faults


def _is_wrong_alone(company: Company, key: str, text: str, wish: str) -> bool:
    if key == "name":
        fits = 0 < len(text) <= LONGEST_NAME and text.isprintable()
        return not fits or not any(c.isalnum() for c in text)
    if key in {"send_from", "send_until"}:  # earlier than what, the other one says
        return _is_wrong(company, [f"plan_at={text}"])
    if key == "consent_basis_on":
        return bool(text) and _is_wrong(company, ["consent_basis=any", wish])
    return _is_wrong(company, [wish])


def _is_wrong(company: Company, wanted: list[str]) -> bool:
    try:
        known.changed(company, wanted)
    except UsageError:
        return True
    return False


def _as_set(key: str, text: str) -> str:
    if key == "days_off":
        return _days_in(text)
    if key == "banned_words":
        text = ",".join(filter(None, (part.strip() for part in re.split(r"[,;\n]", text))))
    return text or (NONE if SETTINGS[key].kind != "weekdays" else "")


def _days_in(text: str) -> str:
    """Lines of days and periods as `vernis set` takes them; what is no day stays as it is."""
    parts = filter(None, (part.strip() for part in re.split(r"[,;\n]", text)))
    return ",".join(map(_period, parts)) or NONE


def _period(part: str) -> str:
    part = _DAY.sub(_iso, part)
    between = _ISO.sub("", part).strip()
    return "..".join(_ISO.findall(part)) if between in {"", "-", "–", "—", ".."} else part


def _iso(found: re.Match[str]) -> str:
    return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"


def _days_out(text: str, locale: Locale) -> str:
    lines = text.replace("..", "–").split(",")
    if locale is Locale.RU:
        lines = [_ISO.sub(lambda at: ".".join(at[0].split("-")[::-1]), line) for line in lines]
    return "\n".join(lines)


def _blank(text: str) -> str:
    return "" if text == NONE else text
