"""The filters of the search for clients: all that are described, and those that are answered."""

from collections.abc import Callable
from typing import Any

from tests.crm import yclients_shapes as shapes
from tests.crm.yclients_requests import BAD_FILTER, BAD_STATE, Kind, RefusedError, is_of
from tests.crm.yclients_world import Client, World

BETWEEN = {"from": Kind.STRING, "to": Kind.STRING}
FROM_TO = {"from": Kind.NUMBER, "to": Kind.NUMBER}

# What a filter's state may hold besides `invert`.
FILTERS: dict[str, dict[str, Kind]] = {
    "id": {"value": Kind.ARRAY},
    "quick_search": {"value": Kind.STRING},
    "birthday": BETWEEN,
    "gender": {"value": Kind.ARRAY},
    "importance": {"value": Kind.ARRAY},
    "has_passteam_card": {"value": Kind.BOOLEAN},
    "passteam_card_ids": {"value": Kind.ARRAY},
    "category": {"value": Kind.ARRAY},
    "has_mobile_app": {"value": Kind.BOOLEAN},
    "sms_notification": BETWEEN,
    "sold_amount": FROM_TO,
    "record": {
        "staff": Kind.OBJECT,
        "service": Kind.OBJECT,
        "service_category": Kind.OBJECT,
        "status": Kind.OBJECT,
        "created": Kind.OBJECT,
        "records_count": Kind.OBJECT,
        "sold_amount": Kind.OBJECT,
    },
    "client": {},
}
STATUSES = {1: -1, 2: 0, 3: 1, 4: 2}


def check(given: Any) -> None:
    """Raises RefusedError where a filter is none of the described."""
    match given:
        case {"type": str(kind), "state": dict(state)} if set(given) == {"type", "state"}:
            pass
        case _:
            raise _refused()
    if kind == "client":
        for inner, value in state.items():
            check({"type": inner, "state": value})
        return
    known = FILTERS.get(kind, {}) | {"invert": Kind.BOOLEAN}
    if kind not in FILTERS or not all(
        name in known and is_of(known[name], value) for name, value in state.items()
    ):
        raise _refused()
    if kind not in _ANSWERED:
        raise NotImplementedError(f"The simulator cannot search by {kind}")


def passes(world: World, one: Client, given: Any) -> bool:
    """Whether a client passes a filter that has been checked."""
    kind, state = given["type"], given["state"]
    if kind == "client":
        return all(
            passes(world, one, {"type": inner, "state": value}) for inner, value in state.items()
        )
    return _ANSWERED[kind](world, one, state) is not state.get("invert", False)


def _refused() -> RefusedError:
    return RefusedError(400, BAD_FILTER, errors={"filters": [BAD_STATE]})


def _is_quick(world: World, one: Client, state: dict[str, Any]) -> bool:
    value = state["value"].lower()
    return value in one.name.lower() or value.lstrip("+") in one.phone or value in one.card


def _is_sold(world: World, one: Client, state: dict[str, Any]) -> bool:
    sold = shapes.found_client(world, one, ["sold_amount"])["sold_amount"]
    return bool(state.get("from", 0) <= sold <= state.get("to", sold))


def _has_records(world: World, one: Client, state: dict[str, Any]) -> bool:
    created, count = state.get("created", {}), state.get("records_count", {})
    statuses = [STATUSES[value] for value in state.get("status", {}).get("value", STATUSES)]
    fitting = [
        record
        for record in world.records_of(one.id)
        if record.attendance in statuses
        and record.staff_id in state.get("staff", {}).get("value", [record.staff_id])
        and created.get("from", "") <= record.created_at.date().isoformat()
        and record.created_at.date().isoformat() <= created.get("to", "9999")
    ]
    return bool(count.get("from", 1) <= len(fitting) <= count.get("to", len(fitting)))


_ANSWERED: dict[str, Callable[[World, Client, dict[str, Any]], bool]] = {
    "id": lambda _, one, state: one.id in state["value"],
    "quick_search": _is_quick,
    "gender": lambda _, one, state: one.sex_id in state["value"],
    "importance": lambda _, one, state: one.importance_id in state["value"],
    "category": lambda _, one, state: any(key in state["value"] for key, _ in one.categories),
    "sold_amount": _is_sold,
    "record": _has_records,
}
