"""Pages from templates: in the viewer's language, with everything escaped."""

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from vernis.domain import Locale
from vernis.errors import VernisError
from vernis.web.pages import said, words
from vernis.web.pages.catalog import texts
from vernis.web.security import forms
from vernis.web.security.viewer import Member, Viewer

if TYPE_CHECKING:
    from jinja2 import Environment

WEB = Path(__file__).parents[1]
STATIC = WEB / "static"


def page(
    request: Request,
    template: str,
    viewer: Viewer | None = None,
    *,
    status: int = 200,
    **values: Any,
) -> HTMLResponse:
    """A template as an answer. It sees `viewer`, `company`, `now`, `zone`, `csrf` and `values`."""
    locale = viewer.locale if viewer else locale_of(request)
    known: dict[str, Any] = {
        "viewer": viewer,
        "locale": locale.value,
        "csrf": viewer.csrf if viewer else forms.token(request),
        "path": request.url.path,
        "done": words.DONE.get(request.query_params.get("done", "")),
        "is_part": "hx-request" in request.headers,
    }
    if isinstance(viewer, Member):
        known |= {
            "company": viewer.company,
            "zone": viewer.company.zone,
            "now": viewer.now,
            "today": viewer.now.astimezone(viewer.company.zone).date(),
            "here": viewer.here,
        }
    html = environment(locale).get_template(template).render(**known | values)
    response = HTMLResponse(html, status_code=status)
    forms.remember_visit(request, response)
    return response


def locale_of(request: Request) -> Locale:
    """The viewer's language, or the last one's here; else what the browser prefers."""
    known = getattr(request.state, "locale", None) or request.cookies.get(forms.LANGUAGE)
    if known in set(Locale):
        return Locale(known)
    preferred = request.headers.get("accept-language", "").lower()
    first = next((tag for tag in preferred.split(",") if tag.strip()[:2] in {"ru", "en"}), "")
    if first.strip().startswith("ru"):
        return Locale.RU
    neighbours = ("be", "kk", "uk", "ky")
    return Locale.RU if preferred.startswith(neighbours) and not first else Locale.EN


def say(locale: Locale, text: str) -> str:
    """A marked text in a language."""
    return texts(locale).gettext(text)


def fault(error: VernisError, locale: Locale) -> str:
    """An error for people: its own sentence where that is translated or English is read, else
    what its kind means."""
    sentence = str(error)
    translated = say(locale, sentence)
    if locale is Locale.EN or translated != sentence:
        return translated
    kinds = (kind.__name__ for kind in type(error).__mro__)
    known = (words.FAULTS[name] for name in kinds if name in words.FAULTS)
    return say(locale, next(known, words.FAULTS["UsageError"]))


@cache
def environment(locale: Locale) -> "Environment":
    """Jinja with this language's texts and filters."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    found = Environment(
        loader=FileSystemLoader(WEB / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    catalog = texts(locale)
    found.install_gettext_callables(  # type: ignore[attr-defined]
        catalog.gettext, catalog.ngettext, newstyle=True
    )
    found.filters.update(said.filters(locale))
    found.filters["word"] = lambda value, name: catalog.gettext(
        getattr(words, name).get(value, str(value))
    )
    found.globals.update(said.GLOBALS)
    found.globals["static"] = static
    return found


@cache
def static(name: str) -> str:
    """Where a file is served, under a name that changes with its content."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"
