"""Faults as pages: one sentence in the viewer's language, and a way on."""

from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from vernis.domain import Locale
from vernis.web.errors import Problem
from vernis.web.pages.catalog import N_
from vernis.web.pages.rendering import locale_of, page, say
from vernis.web.security.viewer import LoginNeeded

_TITLES = {
    400: N_("This cannot be read"),
    403: N_("Not for you"),
    404: N_("There is no such page"),
    409: N_("That does not go together"),
    413: N_("Too large"),
    422: N_("Something is wrong in the form"),
    429: N_("Too fast"),
    500: N_("Something broke here"),
    503: N_("A server does not answer"),
}
_SENTENCES = {
    404: N_("Perhaps it was moved or deleted, or the address is mistyped."),
    409: N_("This contradicts what is already there: load the page again."),
    413: N_("This file is larger than Vernis takes."),
    422: N_("Go back and look at what you typed."),
    429: N_("Wait a minute, then try again."),
    500: N_("It is in the log. What you did before is safe."),
    503: N_("Try again in a minute."),
}


def shown(request: Request, problem: Problem) -> Response:
    """A problem's own sentence where it is said in this language, else what its status means."""
    locale = locale_of(request)
    detail = say(locale, problem.detail)
    if locale is not Locale.EN and detail == problem.detail:
        detail = say(locale, _SENTENCES.get(problem.status, _SENTENCES[500]))
    title = say(locale, _TITLES.get(problem.status, _TITLES[500]))
    response = page(request, "error.html", status=problem.status, title=title, detail=detail)
    response.headers.update(problem.headers or {})
    return response


async def to_the_door(request: Request, error: Exception) -> Response:
    """To the log-in, and from there to where they wanted to go."""
    assert isinstance(error, LoginNeeded)
    door = f"/login?then={quote(error.then, safe='/')}"
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"hx-redirect": door})
    return RedirectResponse(door, status_code=303)
