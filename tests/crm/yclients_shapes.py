"""How YClients writes its things: the fields and JSON types of the description's examples.

The same thing is written differently in different places there, and so it is here: ids as text in
the old lists, a client's sex by name only where one client is asked for.
"""

from datetime import date, datetime
from typing import Any

from tests.crm.yclients_world import (
    Category,
    Client,
    Company,
    Record,
    Service,
    Staff,
    World,
)

PICTURE = "https://yclients.com/images/no-master.png"
SEXES = ("Неизвестно", "Мужской", "Женский")
IMPORTANCE = ("Без класса важности", "Бронза", "Серебро", "Золото")


def zoned(at: datetime) -> str:
    """2019-01-16T20:35:11+0900"""
    text = at.isoformat(timespec="seconds")
    return text[:-3] + text[-2:]


def plain(at: datetime) -> str:
    """2019-01-16 16:00:00"""
    return at.isoformat(" ", "seconds")[:19]


def company(world: World, *, next_slot: datetime | None = None) -> dict[str, Any]:
    one: Company = world.company
    told = {
        "id": one.id,
        "title": one.title,
        "short_descr": "Салон красоты",
        "logo": PICTURE,
        "active": "1",
        "phone": one.phone,
        "country_id": 1,
        "country": one.country,
        "city_id": 1,
        "city": one.city,
        "timezone": one.timezone,
        "schedule": "",
        "address": one.address,
        "coordinate_lat": "55.735662",
        "coordinate_lon": "37.678218",
        "phone_confirmation": False,
        "active_staff_count": len(world.doers(())),
        "app_ios": "",
        "app_android": "",
        "currency_short_title": one.currency,
        "group_priority": 0,
        "push_notification_phone_confirm": 1,
    }
    if next_slot is not None:
        told["next_slot"] = next_slot.isoformat()
    return told


def listed_company(world: World, *, next_slot: datetime | None = None) -> dict[str, Any]:
    told = company(world, next_slot=next_slot)
    del told["push_notification_phone_confirm"]
    return told | {"id": str(told["id"])}


def category(world: World, one: Category) -> dict[str, Any]:
    doers = [s.lengths for s in world.services.values() if s.category_id == one.id]
    return {
        "id": one.id,
        "salon_service_id": one.id + 1,
        "title": one.title,
        "api_id": "",
        "weight": one.weight,
        "staff": sorted({staff_id for lengths in doers for staff_id in lengths}),
    }


def service(one: Service) -> dict[str, Any]:
    """Numbers are text, as in both lists of services."""
    return {
        "id": str(one.id),
        "salon_service_id": str(one.id + 1),
        "title": one.title,
        "category_id": str(one.category_id),
        "price_min": f"{one.price_min:.2f}",
        "price_max": f"{one.price_max:.2f}",
        "discount": "0",
        "comment": one.comment,
        "weight": "0",
        "active": str(int(one.is_active)),
        "api_id": one.api_id,
        "staff": [
            {"id": str(staff_id), "seance_length": str(length)}
            for staff_id, length in one.lengths.items()
        ],
    }


def staff(world: World, one: Staff) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "company_id": world.company.id,
        "specialization": one.specialization,
        "position": {"id": 1, "title": "Мастер"},
        "avatar": PICTURE,
        "avatar_big": PICTURE,
        "fired": int(one.is_fired),
        "status": 0,
        "hidden": int(one.is_hidden),
    }


def staff_as_of_old(one: Staff) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "api_id": None,
        "name": one.name,
        "specialization": one.specialization,
        "position": [],
        "show_rating": "0",
        "rating": "0",
        "votes_count": "0",
        "avatar": PICTURE,
        "avatar_big": PICTURE,
        "comments_count": "0",
        "weight": str(one.weight),
        "information": "<span></span>",
        "hidden": str(int(one.is_hidden)),
        "fired": str(int(one.is_fired)),
        "status": "0",
        "image_group": [],
    }


def client(world: World, one: Client) -> dict[str, Any]:
    """One client: sex and importance by name only."""
    return {
        "id": one.id,
        "name": one.name,
        "phone": one.phone,
        "email": one.email,
        "categories": [
            {"id": number, "title": title, "color": "#0f0f0f"} for number, title in one.categories
        ],
        "sex": SEXES[one.sex_id],
        "discount": one.discount,
        "importance": IMPORTANCE[one.importance_id],
        "card": one.card,
        "birth_date": one.birth_date,
        "comment": one.comment,
        "sms_check": one.sms_check,
        "sms_not": one.sms_not,
        "spent": one.spent,
        "balance": one.balance,
        "visits": world.visits_of(one.id)[0],
        "last_change_date": zoned(one.changed_at),
        "custom_fields": one.custom_fields,
    }


def listed_client(world: World, one: Client) -> dict[str, Any]:
    """In the old list, and as an answer to a new or changed one."""
    told = client(world, one)
    return told | {"sex_id": one.sex_id, "importance_id": one.importance_id}


def found_client(world: World, one: Client, fields: list[str]) -> dict[str, Any]:
    """In the search: what was asked for, and the id in any case."""
    visits = [record for record in world.records_of(one.id) if record.attendance == 1]
    days = sorted(plain(record.starts_at) for record in visits) or [""]
    known: dict[str, Any] = {
        "id": one.id,
        "name": one.name,
        "phone": one.phone,
        "email": one.email,
        "discount": one.discount,
        "first_visit_date": days[0],
        "last_visit_date": days[-1],
        "sold_amount": sum(line.cost for record in visits for line in record.services),
        "visits_count": len(visits),
        "passteam_card_id": "",
    }
    return {name: known[name] for name in {"id": 1} | dict.fromkeys(fields)}


def record_client(world: World, client_id: int) -> dict[str, Any] | None:
    if (one := world.clients.get(client_id)) is None:
        return None
    came, failed = world.visits_of(client_id)
    return {
        "id": one.id,
        "name": one.name,
        "phone": one.phone,
        "card": one.card,
        "email": one.email,
        "success_visits_count": came,
        "fail_visits_count": failed,
    }


def record(world: World, one: Record, *, api_id: bool = True) -> dict[str, Any]:
    """One record, as it is read; `api_id` False: the CRM does not give it back."""
    master, starts_at = world.staff.get(one.staff_id), one.starts_at.isoformat()
    return {
        "id": one.id,
        "company_id": world.company.id,
        "staff_id": one.staff_id,
        "services": [
            {
                "id": line.service_id,
                "title": _title(world, line.service_id),
                "cost": line.cost,
                "manual_cost": line.cost,
                "cost_per_unit": line.first_cost,
                "discount": line.discount,
                "first_cost": line.first_cost,
                "amount": 1,
            }
            for line in one.services
        ],
        "goods_transactions": [],
        "staff": {
            "id": one.staff_id,
            "api_id": None,
            "name": master.name if master else "",
            "specialization": master.specialization if master else "",
            "position": {"id": 1, "title": "Мастер"},
            "avatar": PICTURE,
            "avatar_big": PICTURE,
            "rating": 0,
            "votes_count": 0,
        },
        "client": None if one.client_id is None else record_client(world, one.client_id),
        "clients_count": 1,
        "date": starts_at[:19].replace("T", " "),
        "datetime": starts_at,
        "create_date": zoned(one.created_at),
        "comment": one.comment,
        "online": one.is_online,
        "visit_attendance": one.attendance,
        "attendance": one.attendance,
        "confirmed": 1,
        "seance_length": one.length,
        "length": one.length,
        "sms_before": one.sms_before,
        "sms_now": 0,
        "sms_now_text": "",
        "email_now": 0,
        "notified": 0,
        "master_request": int(not one.is_any_master),
        "api_id": one.api_id if api_id else "",
        "from_url": "",
        "review_requested": 0,
        "visit_id": str(one.id + 1),
        "created_user_id": one.user_id,
        "deleted": one.is_deleted,
        "paid_full": int(one.attendance == 1),
        "prepaid": False,
        "prepaid_confirmed": False,
        "last_change_date": zoned(one.changed_at),
        "custom_color": one.custom_color,
        "custom_font_color": "",
        "record_labels": [],
        "activity_id": 0,
        "custom_fields": one.custom_fields,
        "documents": [document(world, one)],
        "consumables": [],
        "finance_transactions": [],
    }


def written_record(world: World, one: Record, *, api_id: bool = True) -> dict[str, Any]:
    """What comes back from a new or a changed record: less, and in other forms."""
    master, someone = world.staff[one.staff_id], world.clients.get(one.client_id or 0)
    told = {"phone": someone.phone.lstrip("+"), "name": someone.name} if someone else {}
    return {
        "id": one.id,
        "services": [
            {
                "id": line.service_id,
                "first_cost": line.first_cost,
                "discount": line.discount,
                "cost": line.cost,
            }
            for line in one.services
        ],
        "client": told | ({"email": someone.email} if someone else {}),
        "staff": {"id": master.id, "name": master.name, "spec": master.specialization},
        "datetime": one.starts_at.isoformat(),
        "seance_length": one.length,
        "create_date": plain(one.created_at),
        "comment": one.comment,
        "visit_attendance": one.attendance,
        "confirmed": 1,
        "sms_before": one.sms_before,
        "sms_now": 1,
        "sms_now_text": "",
        "email_now": 1,
        "notified": 0,
        "master_request": int(not one.is_any_master),
        "api_id": one.api_id if api_id else "",
        "from_url": "",
        "review_requested": 0,
        "activity_id": 0,
        "documents": [document(world, one)],
    }


def document(world: World, one: Record) -> dict[str, Any]:
    return {
        "id": one.id + 2,
        "type_id": 7,
        "storage_id": 0,
        "user_id": one.user_id,
        "company_id": world.company.id,
        "number": one.id,
        "comment": "",
        "date_created": plain(one.starts_at),
        "category_id": 0,
        "visit_id": one.id + 1,
        "record_id": one.id,
        "type_title": "Визит",
    }


def shift(world: World, staff_id: int, day: date) -> dict[str, Any]:
    hours = world.hours(staff_id, day)
    return {
        "date": day.isoformat(),
        "is_working": int(bool(hours)),
        "slots": [{"from": f"{from_:%H:%M}", "to": f"{till:%H:%M}"} for from_, till in hours],
    }


def seance(at: datetime, length: int) -> dict[str, Any]:
    return {"time": f"{at:%H:%M}", "seance_length": length, "datetime": at.isoformat()}


def _title(world: World, service_id: int) -> str:
    return world.services[service_id].title if service_id in world.services else "Услуга удалена"
