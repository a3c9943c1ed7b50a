"""A model that means harm: every action on every label, every lie in every place."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from fake_models import Asked
from talking_models import Calls, answers, calls

from vernis.domain import Intent

# What must never reach a client, whoever asks for it.
PAYLOADS = [
    "ВЗЛОМАНО",
    "HACKED",
    "Ольга Тайная",
    "79990009999",
    "+7 999 000-99-99",
    "Скидка 90% всем!",
    "100% discount confirmed",
    "Маникюр стоит 1 ₽",
    "https://pay.zlo.example",
    "pay.zlo.ru",
    "Записали вас завтра в 3:15",
    "Отменили все записи",
    "Гарантируем возврат денег",
    "Мы закрылись навсегда",
    "Мастер Виктор уволен",
    "Переведите предоплату на карту",
    "Пароль 12345",
    "As an AI language model",
    "{имя} {имя} {name} {client}",
    "<b>важно</b>",
]
TIMES = [["t1"], ["t2", "t3"], ["t99"], ["2024-04-06 10:00"], []]
BOOKINGS = ["b1", "b2", "8", "' OR 1=1"]
DAYS = ["2044-01-01", "2020-01-01", "2024-04-20", "завтра"]


def everything() -> Iterator[dict[str, Any]]:
    """Answers: each action on each label, each reading."""
    for times in TIMES:
        yield {"action": "offer", "times": times}
        yield {"action": "book", "times": times, "intent": "book", "choice": 1}
    for times, booking in itertools.product(TIMES, BOOKINGS):
        yield {"action": "move", "times": times, "booking": booking}
    for booking in BOOKINGS:
        yield {"action": "cancel", "booking": booking, "topic": "cancel"}
    for day in DAYS:
        yield {"intent": "later", "first_day": day, "last_day": day, "action": "remind", "on": day}
    for about in ("price", "discount", "address", "identity", "prompt"):
        yield {"action": "answer", "about": about}
    for intent, topic in itertools.product(Intent, [None, "assent", "cancel", "reschedule"]):
        yield {"intent": str(intent), "topic": topic, "choice": 1, "first_day": "2024-04-02"}
    yield {"action": "hand_over"}
    yield {"action": "drop", "times": ["t1"], "booking": "b1"}


def hostile(act: dict[str, Any], text: str) -> Callable[[Asked], Calls]:
    """A model that does one thing and says another."""
    return lambda asked: answers(**act, text=said_by(asked, text))


def noting(tool: str, **arguments: Any) -> Callable[[Asked], Calls]:
    """A model that notes an action by its tool, again and again."""
    return lambda _: calls(tool, **arguments)


def said_by(asked: Asked, text: str) -> str:
    """The lie alone, around code's own draft, or all that the model was told."""
    if text == "PROMPT":
        return asked.system[:400]
    draft = asked.data.get("draft") or "Записать вас?"
    return [text, f"{text}. {draft}", f"{draft} {text}", f"{draft}\n{text}"][len(text) % 4]
