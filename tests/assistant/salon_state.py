"""What must not change behind a client's back: everything but the dialog's own words."""

from dataclasses import dataclass
from typing import Any

from front_desk import Desk
from psycopg.types.json import Jsonb

# All rows of these, as they are.
WHOLE = ("bookings", "booking_intents", "opt_outs", "services", "staff", "staff_hours")


@dataclass(frozen=True)
class Bystander:
    """Another client, with a booking, a dialog and a message."""

    name: str
    phone: str


async def bystander(desk: Desk) -> Bystander:
    salon = desk.salon
    client = await salon.client("Ольга")
    await salon.execute("UPDATE clients SET surname = 'Тайная' WHERE client_id = %s", client)
    ((phone,),) = await salon.execute("SELECT phone FROM clients WHERE client_id = %s", client)
    values = {"service_id": desk.service, "staff_id": desk.staff}
    await salon.booking(client, "2024-04-04", state="booked", starts="2024-04-04 16:00", **values)
    return Bystander(name="Тайная", phone=phone)


async def state_of(desk: Desk) -> dict[str, Any]:
    """Whatever a turn without a yes must leave as it was."""
    found: dict[str, Any] = {}
    for table in WHOLE:
        found[table] = await desk.salon.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
    found["clients"] = await desk.salon.execute(
        "SELECT client_id, name, surname, phone, blacklisted, consent, erased_at"
        " FROM clients ORDER BY 1"
    )
    found["others"] = await desk.salon.execute(
        "SELECT t::text FROM clients t WHERE client_id <> %s ORDER BY 1", desk.client
    )
    found["campaigns"] = await desk.salon.execute(
        "SELECT t::text FROM client_reactivation_history t WHERE id <> %s", desk.reactivation
    )
    found["booked"] = await desk.salon.execute(
        "SELECT booking_created, booking_id FROM client_reactivation_history"
    )
    return found


async def reminder(desk: Desk) -> Any:
    """The day before which the client is not written to."""
    rows = await desk.salon.execute(
        "SELECT remind_on FROM clients WHERE client_id = %s", desk.client
    )
    return rows[0][0]


async def wind_back(desk: Desk, state: dict[str, Any]) -> None:
    """The dialog as it was before a turn: nobody waits, nothing was declined."""
    await desk.salon.execute(
        "UPDATE dialogs SET state = %s, waiting_since = NULL, waiting_why = NULL"
        " WHERE client_id = %s",
        Jsonb(state),
        desk.client,
    )
    await desk.salon.execute(
        "UPDATE clients SET declined_at = NULL, remind_on = NULL WHERE client_id = %s", desk.client
    )
