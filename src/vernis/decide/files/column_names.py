"""The fields of an import and the column names by which salon software calls them."""

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import chain

from vernis.decide.files.values import fold


class Kind(StrEnum):
    """What a row of a file is."""

    VISITS = "visits"
    BOOKINGS = "bookings"
    CANCELLATIONS = "cancellations"
    NO_SHOWS = "no_shows"
    SERVICES = "services"
    CLIENTS = "clients"


class Field(StrEnum):
    """What a column can hold; the words of `--map column=field`."""

    CLIENT_CODE = "client_code"
    NAME = "name"
    SURNAME = "surname"
    PHONE = "phone"
    GENDER = "gender"
    CONSENT = "consent"
    BLACKLISTED = "blacklisted"
    BIRTHDAY = "birthday"
    SERVICE = "service"
    STAFF = "staff"
    DATE = "date"
    TIME = "time"
    AMOUNT = "amount"
    QUANTITY = "quantity"
    STATUS = "status"
    BOOKED_ON = "booked_on"
    CANCELLED_ON = "cancelled_on"
    RECEIPT = "receipt"
    SERVICE_CODE = "service_code"
    TITLE = "title"
    CATEGORY = "category"
    PRICE = "price"
    DURATION = "duration"
    ACTIVE = "active"
    IGNORE = "ignore"


CLIENT_IDENTITY = (Field.CLIENT_CODE, Field.PHONE, Field.NAME)
DATE_FIELDS = (Field.DATE, Field.BOOKED_ON, Field.CANCELLED_ON, Field.BIRTHDAY)

_PARTLY = frozenset({Field.PHONE, Field.SERVICE, Field.STAFF, Field.STATUS, Field.SURNAME})
_MEASURES = re.compile(
    r" (?:руб|рублей|rub|rur|usd|cad|eur|gbp|kzt|byn|тг|р|мин|минут|min|mins|minutes|шт)$"
)
_CAMEL = re.compile(r"(?<=[a-zа-я])(?=[A-ZА-Я])")

# Folded (values.fold) and in order of preference: of «Оплачено» and «Стоимость» the first is
# the amount. A name may stand under several fields; content and the other columns decide.
PEOPLE = {
    Field.CLIENT_CODE: """client id|client code|customer id|customer code|client no|client number
        |client key|guest id|id клиента|код клиента|номер клиента|номер карты|ид клиента
        |код|code|id|client|клиент""",
    Field.NAME: """client name|customer name|guest name|first name|имя клиента|имя|фио клиента|фио
        |client full name|full name|name|client|customer|guest|patient|клиент|гость|пациент
        |покупатель|клиенты|имя и фамилия|фамилия имя отчество|имя гостя|наименование клиента""",
    Field.SURNAME: "surname|last name|family name|фамилия|фамилия клиента|client last name",
    Field.PHONE: """phone|mobile|mobile number|mobile phone|phone number|client phone|cell phone
        |cell|client mobile|telephone|tel|contact number|customer phone|whatsapp
        |телефон|телефон клиента|номер телефона|мобильный|мобильный телефон|моб телефон|тел
        |контактный телефон|сотовый|контакты|client|клиент""",
    Field.GENDER: "gender|sex|client gender|пол|пол клиента",
    Field.CONSENT: """consent|marketing consent|sms consent|marketing opt in|accepts marketing
        |sms marketing|marketing|согласие|согласие на рассылку|согласие на рекламу|рассылка
        |согласен на рассылку|получать рассылку|согласие на получение рассылок|sms рассылка""",
    Field.BLACKLISTED: """blacklisted|blacklist|blocked|is blocked|banned|do not contact
        |do not book|черный список|в черном списке|заблокирован|блокировка|не беспокоить""",
    Field.BIRTHDAY: """birthday|date of birth|birth date|birthdate|dob|дата рождения
        |день рождения|др""",
    Field.SERVICE: """service|services|service name|service code|service title|treatment
        |treatment name|item|item name|услуга|услуги|название услуги|наименование услуги
        |код услуги|процедура|товар услуга|услуга товар|номенклатура|позиция|description|desc
        |наименование|название|состав""",
    Field.STAFF: """staff|staff name|staff member|team member|employee|stylist|provider
        |therapist|master|barber|сотрудник|мастер|специалист|имя сотрудника|исполнитель|врач
        |сотрудники|имя мастера|парикмахер|барбер""",
    Field.DATE: """appointment date|visit date|service date|scheduled date|date of visit
        |date|дата визита|дата посещения|дата приема|дата оказания услуги|дата сеанса|дата услуги
        |дата|дата и время|дата время|date time|datetime|дата и время визита|дата начала|начало
        |start|start time|start date|starts at|appointment|transaction date|sale date|invoice date
        |receipt date|checkout date|дата чека|дата продажи|дата оплаты|дата операции
        |booking date|дата записи|дата бронирования|day|день""",
    Field.TIME: """time|appointment time|visit time|start time|booking time|scheduled time
        |время|время визита|время начала|время записи|начало|время сеанса""",
    Field.AMOUNT: """net sales|net amount|amount paid|paid|total paid|к оплате|оплачено|итого
        |сумма к оплате|сумма оплаты|сумма со скидкой|итоговая стоимость|стоимость со скидкой
        |итоговая сумма|amount|total|total amount|line total|sales|сумма|сумма услуги
        |gross sales|gross|стоимость|стоимость услуги|выручка|price|цена|цена услуги|cost|revenue
        |value""",
    Field.QUANTITY: "quantity|qty|количество|кол во|count|units",
    Field.STATUS: """status|appointment status|booking status|visit status|state|статус
        |статус визита|статус записи|состояние|attendance|посещение|посещаемость|явка""",
    Field.BOOKED_ON: """booked on|booked at|date booked|created|created on|created at|created date
        |date created|creation date|дата создания|дата создания записи|создана|создано
        |дата внесения|booking date|booked date|дата записи|дата бронирования""",
    Field.CANCELLED_ON: """cancel date|cancelled date|canceled date|cancellation date
        |cancelled on|canceled on|cancelled at|canceled at|date cancelled|date canceled
        |дата отмены|отменено|отменен|дата и время отмены|дата удаления""",
    Field.RECEIPT: """receipt|receipt no|receipt number|receipt id|invoice|invoice no|invoiceno
        |invoice number|sale id|sale no|transaction id|transaction no|order id|order no
        |booking id|booking no|appointment id|visit id|ref|ref no|reference|чек|номер чека
        |чек no|номер заказа|номер записи|id записи|код записи|id визита|код визита|документ
        |номер документа|номер визита|номер|код|code|id|no""",
}  # fmt: skip
SERVICES = {
    Field.SERVICE_CODE: """service code|service id|код услуги|id услуги|артикул|code|код|id|sku
        |ид|номер|no""",
    Field.TITLE: """service name|service title|treatment name|title|название услуги
        |наименование услуги|название|наименование|услуга|service|services|услуги|treatment
        |description|desc|name|имя|процедура|item|item name""",
    Field.CATEGORY: """category|cate|category name|service category|group|department|категория
        |категория услуги|категория услуг|группа|раздел|тип""",
    Field.PRICE: """price|retail price|service price|цена|стоимость|цена от|стоимость услуги
        |price from|min price|цена мин|мин цена|минимальная цена|прайс|сумма|amount|cost""",
    Field.DURATION: """duration|duration minutes|duration min|length|service duration|time
        |длительность|продолжительность|длительность мин|время|минут|minutes""",
    Field.ACTIVE: """isactive|is active|active|enabled|status|активна|активность|активно|статус
        |доступна|видимость""",
}  # fmt: skip
# Columns about the same things that are not ours: they win a tie, so that "Last visit date" is
# no date of a visit and "Client notes" no name.
OTHERS = """last visit|last visit date|first visit|first visit date|next visit|next appointment
    |последний визит|дата последнего визита|первый визит|дата первого визита|следующий визит
    |notes|note|comment|comments|client notes|заметки|комментарий|примечание|комментарии
    |email|e mail|client email|почта|электронная почта|address|адрес|city|город|country|source
    |источник|канал|visits|total visits|visit count|number of visits|визиты|количество визитов
    |кол во визитов|визитов|продано|total spent|total sales|сумма продаж|потрачено|баланс|balance
    |discount|скидка|gst|pst|vat|tax|taxes|ндс|налог|tip|tips|чаевые|payment method
    |способ оплаты|оплата|касса|payment|end time|end|окончание|конец|end date|дата окончания
    |location|филиал|салон|branch|canceled by|cancelled by|booked by|created by|кем отменено
    |кто отменил|кто создал|автор|timeint|days|cancel reason|cancellation reason|причина отмены
    |бонусы|loyalty|номер карты лояльности|lines|staff notes|tags|теги|age|возраст
    |категории|категория клиента|client category|client type|должность|position
    |дата добавления|добавлен|registration date|дата регистрации|client since|time int
    |средний чек|average spend|время создания|time created|себестоимость"""

# What only a till writes beside a line, and words of a file's name or title that tell its kind.
TILL = frozenset(
    {"gst", "pst", "vat", "tax", "taxes", "ндс", "tip", "tips", "чаевые", "касса"}
    | {"payment method", "способ оплаты"}
)
KIND_WORDS = (
    (Kind.NO_SHOWS, ("no show", "noshow", "no shows", "неявк", "не приш", "не явил", "пропуск")),
    (Kind.CANCELLATIONS, ("cancel", "отмен")),
    (Kind.SERVICES, ("service list", "services", "price list", "услуг", "прайс")),
    (Kind.VISITS, ("receipt", "transaction", "sales", "visit", "визит", "посещ", "чек", "продаж")),
    (Kind.BOOKINGS, ("booking", "appointment", "запис", "расписан", "schedule")),
    (Kind.CLIENTS, ("client", "customer", "клиент")),
)  # fmt: skip


def normal_name(column: str) -> str:
    """A column's name to compare by: words of lower case, without its unit («Цена, руб.»)."""
    name = fold(_CAMEL.sub(" ", column.replace("№", " номер ")))
    return _MEASURES.sub("", name) if " " in name else name


@lru_cache
def aliases(vocabulary: str) -> tuple[str, ...]:
    """The names of one field, in order of preference."""
    return tuple(" ".join(name.split()) for name in vocabulary.split("|"))


@lru_cache(maxsize=1)
def all_names() -> frozenset[str]:
    return frozenset(
        chain.from_iterable(map(aliases, (*PEOPLE.values(), *SERVICES.values(), OTHERS)))
    )


def likeness(name: str, field: Field, vocabulary: str) -> float:
    """How well a normal name names the field, 0 for not at all.

    0.8 to 1 for one of its names, the earlier the better; to 0.7 where such a name is at least
    half of it; 0 where it rather names something that is none of our fields.
    """
    names = aliases(vocabulary)
    if name in aliases(OTHERS):
        return 0.0
    if name in names:
        return 1 - 0.004 * names.index(name)
    share = _share(name, names, partly=field in _PARTLY)
    return 0.7 * share if share > _share(name, aliases(OTHERS), partly=True) else 0.0


def _share(name: str, names: Sequence[str], *, partly: bool) -> float:
    """Share of the words of `name` that are one of `names`, which must have two words or more
    unless a part is telling enough (`partly`)."""
    contained = (
        len(alias.split())
        for alias in names
        if (partly or " " in alias) and f" {alias} " in f" {name} "
    )
    share = max(contained, default=0) / (len(name.split()) or 1)
    return share if share >= 0.5 else 0.0
