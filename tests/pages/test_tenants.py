"""No page shows or changes anything of a company that its viewer does not belong to."""

import re
from typing import Any

import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute
from visitors import Site, Visitor

from vernis.domain import Company, Locale
from vernis.stages import companies
from vernis.stages.members import Role
from vernis.web.pages.routes import routers

Route = tuple[str, str]
OPEN = {"/login", "/welcome/{link}"}


def _routes() -> list[Route]:
    found: list[Route] = []
    for router in routers:
        for route in router.routes:
            found += _methods(route)
    return sorted(set(found))


def _methods(route: BaseRoute) -> list[Route]:
    assert isinstance(route, APIRoute)
    return [(method, route.path) for method in sorted(route.methods or ())]


ROUTES = _routes()
OF_COMPANIES = [route for route in ROUTES if "{company_id}" in route[1]]


@pytest.fixture
async def other(app) -> Company:
    """A company that the owner of the first has nothing to do with."""
    return await companies.find_or_create(
        app.db, name="Чужой салон", locale=Locale.RU, timezone="Europe/Moscow", currency="RUB",
        country="RU",
    )  # fmt: skip


def filled(path: str, company: Company, **numbers: Any) -> str:
    """The path with this company, and 1 for every other number."""
    path = path.replace("{company_id}", str(company.company_id))
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda found: str(numbers.get(found[1], 1)), path)


async def ask(visitor: Visitor, method: str, path: str) -> Any:
    data = {"csrf": visitor.csrf} if method != "GET" else None
    async with visitor.client.stream(
        method, path, data=data, headers={"accept": "text/html"}
    ) as answer:
        if answer.status_code != 200:
            await answer.aread()
        return answer


async def test_to_a_stranger_every_page_of_another_company_does_not_exist(
    site: Site, owner: Visitor, other: Company
) -> None:
    assert len(OF_COMPANIES) > 10
    for method, path in OF_COMPANIES:
        answer = await ask(owner, method, filled(path, other))
        assert answer.status_code == 404, (method, path, answer.status_code)


async def test_whoever_is_not_logged_in_is_led_to_the_door(site: Site, company: Company) -> None:
    client = site.stranger()
    for method, path in ROUTES:
        if path in OPEN:
            continue
        headers = {"accept": "text/html"}
        answer = await client.request(method, filled(path, company), headers=headers)
        at_the_door = answer.status_code == 303 and answer.headers["location"].startswith("/login")
        assert at_the_door or answer.status_code == 403, (method, path, answer.status_code)


async def test_nothing_is_changed_without_the_token_of_our_forms(
    site: Site, owner: Visitor, company: Company
) -> None:
    for method, path in ROUTES:
        if method == "GET":
            continue
        answer = await owner.client.request(
            method, filled(path, company), data={"csrf": "00"}, headers={"accept": "text/html"}
        )
        assert answer.status_code == 403, (method, path, answer.status_code)


async def test_a_viewer_changes_nothing(site: Site, company: Company) -> None:
    viewer = await site.visitor(company, Role.VIEWER)
    for method, path in OF_COMPANIES:
        if method == "GET":
            continue
        answer = await ask(viewer, method, filled(path, company))
        assert answer.status_code in {403, 404}, (method, path, answer.status_code)


async def test_no_page_breaks_where_there_is_nothing_yet(owner: Visitor, company: Company) -> None:
    for method, path in OF_COMPANIES:
        if method == "GET" and "{" not in path.replace("{company_id}", "") and "event" not in path:
            answer = await ask(owner, method, filled(path, company))
            assert answer.status_code in {200, 303, 404, 422}, (path, answer.status_code)
