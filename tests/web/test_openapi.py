"""What OpenAPI says is what happens, whatever is sent."""

import asyncio
from collections import Counter
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from programs import Program
from rest import Rest, new_key
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from test_tenants_over_http import strangers

from vernis.stages import api_keys

load_all_checks()
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
ROUTES = ["context", "replies", "bookings", "clear"]
BASE = "/v1/companies/{company_id}/assistants/"


async def openapi(program: Program) -> dict[str, Any]:
    answer: dict[str, Any] = (await program.client.get("/v1/openapi.json")).json()
    return answer


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("mode", list(GenerationMode))
async def test_no_fault_of_ours_and_no_undocumented_answer(
    program: Program, route: str, mode: GenerationMode
) -> None:
    await program.written_to()
    await program.salon.execute("UPDATE api_keys SET requests_per_minute = 100000")
    schema = schemathesis.openapi.from_dict(await openapi(program))
    operation = schema[BASE + route]["POST"]
    company, key = program.company.company_id, program.key
    address = str(program.client.base_url)

    @settings(
        max_examples=12,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def holds(case: Any) -> None:
        case.path_parameters["company_id"] = company
        headers = {"Authorization": f"Bearer {key}"}
        response = case.call(base_url=address, headers=headers)
        case.validate_response(response, checks=CHECKS, headers=headers)

    await asyncio.to_thread(holds)


LAST = ("DELETE", "PATCH")  # what others would miss


@pytest.mark.parametrize("mode", list(GenerationMode))
async def test_so_is_all_of_the_api(rest: Rest, mode: GenerationMode) -> None:
    other = await strangers(rest.app)
    document = (await rest.client.get("/v1/openapi.json")).json()
    schema = schemathesis.openapi.from_dict(document)
    operations = [
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method in methods
        if path.startswith("/v1/") and "/assistants/" not in path
    ]
    operations.sort(key=lambda one: LAST.index(one[0]) if one[0] in LAST else -1)
    address, headers = str(rest.client.base_url), {"Authorization": f"Bearer {other.key}"}
    known = other.ids | {"company_id": other.company.company_id, "key_id": await spare(other)}
    seen: Counter[int] = Counter()

    def hold(method: str, path: str) -> None:
        @settings(
            max_examples=4,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=schema[path][method].as_strategy(generation_mode=mode))
        def holds(case: Any) -> None:
            parts = case.path_parameters or {}
            kept = parts if mode is GenerationMode.POSITIVE else {"company_id": 0}
            case.path_parameters = {
                **parts,
                **{name: known[name] for name in kept if name in parts},
            }
            response = case.call(base_url=address, headers=headers)
            seen[response.status_code] += 1
            case.validate_response(response, checks=CHECKS, headers=headers)

        holds()

    for method, path in operations:
        await asyncio.to_thread(hold, method, path)
    assert len(operations) > 30
    await other.client.aclose()
    if mode is GenerationMode.POSITIVE:
        assert seen[200] > sum(seen.values()) / 3, seen


async def spare(rest: Rest) -> int:
    """A key that may be revoked."""
    text = await new_key(rest.app, rest.company, ["read"])
    found = await api_keys.find(rest.app.db, text, now=rest.app.clock())
    assert found is not None
    return found[0].key_id


async def test_every_route_of_a_company_wants_a_key_and_has_an_example(program: Program) -> None:
    document = await openapi(program)
    assert "HTTPValidationError" not in document["components"]["schemas"]
    assert "Problem" in document["components"]["schemas"]
    names = [one["operationId"] for path in document["paths"].values() for one in path.values()]
    assert len(names) == len(set(names))
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if "{company_id}" not in path:
                continue
            assert operation["security"] == [{"key": []}]
            assert operation["summary"]
            assert {"401", "403", "422", "429", "503"} <= set(operation["responses"])
            headers = [one["name"] for one in operation["parameters"] if one["in"] == "header"]
            assert ("Idempotency-Key" in headers) == is_write(method, path), path
            json = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if json is None or "$ref" not in json["schema"]:
                continue
            name = json["schema"]["$ref"]
            fields = document["components"]["schemas"][name.rpartition("/")[2]]["properties"]
            for about in fields.values():
                parts = [about, *about.get("anyOf", [])]
                assert any("examples" in part or "$ref" in part for part in parts), (name, about)


def is_write(method: str, path: str) -> bool:
    return method != "get" and not path.endswith("/assistants/context")
