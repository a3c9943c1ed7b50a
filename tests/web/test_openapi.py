"""What OpenAPI says is what happens, whatever is sent."""

import asyncio
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from programs import Program
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

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
        max_examples=25,
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


async def test_every_route_of_a_company_wants_a_key_and_has_an_example(program: Program) -> None:
    document = await openapi(program)
    assert "HTTPValidationError" not in document["components"]["schemas"]
    assert "Problem" in document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for operation in methods.values():
            if "{company_id}" not in path:
                continue
            assert operation["security"] == [{"key": []}]
            assert {"401", "403", "422", "429", "503"} <= set(operation["responses"])
            name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
            fields = document["components"]["schemas"][name.rpartition("/")[2]]["properties"]
            for about in fields.values():
                parts = [about, *about.get("anyOf", [])]
                assert any("examples" in part or "$ref" in part for part in parts), (name, about)
