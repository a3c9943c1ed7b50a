"""What a model writes that does what it is told, and all the ways in which one does not."""

import json
from collections.abc import Callable
from typing import Any

from fake_models import Asked, Fails, Raw, Reply, Says


def good_text(client: dict[str, Any], shared: dict[str, Any], turn: int = 0) -> str:
    """A message that keeps the rules: as much of what is given as there is room for."""
    if "address" not in shared:
        return _english(client, shared, turn)
    is_ty = shared["address"] == "ты"
    you, yours = ("тебя", "тебе") if is_ty else ("вас", "вам")
    hello = "привет" if is_ty else "здравствуйте"
    start = f"{client['name']}, {hello}!" if client["name"] else f"{hello.capitalize()}!"
    company = f"Это {shared['company']}." if shared["company"] else ""
    said = [f"Будем рады {you} видеть.", f"Подберём {yours} удобное время.", "Ждём в гости."]
    body = said[turn % len(said)]
    offer = f"Для {you} {client['offer']['called']}." if client["offer"] else ""
    service = f" на {client['service']}" if client["service"] else ""
    staff = f" к {client['staff']['к']}" if client["staff"] else ""
    asks = [f"Записать {you}{service}{staff}?", f"Записать {you}{service}?", f"Записать {you}?"]
    return _fitting(client["max_chars"], start, company, body, offer, asks)


def _english(client: dict[str, Any], shared: dict[str, Any], turn: int) -> str:
    start = f"Hi {client['name']}!" if client["name"] else "Hi!"
    company = f"It's {shared['company']}." if shared["company"] else ""
    said = [
        "We would love to see you again.",
        "We are happy to find you a time.",
        "Hope all is well.",
    ]
    offer = f"You also get {client['offer']}." if client["offer"] else ""
    service = f" for {client['service']}" if client["service"] else ""
    staff = f" with {client['staff']}" if client["staff"] else ""
    asks = [f"Shall we book you in{service}{staff}?", f"Shall we book you in{service}?"]
    asks.append("Shall we book you in?")
    return _fitting(client["max_chars"], start, company, said[turn % 3], offer, asks)


def _fitting(limit: int, start: str, company: str, body: str, offer: str, asks: list[str]) -> str:
    for asked in asks:
        for middle in (body, ""):
            text = " ".join(part for part in (start, company, middle, offer, asked) if part)
            if len(text) <= limit:
                return text
    return text


def texts(asked: Asked) -> dict[str, str]:
    """id -> good text, for every client of a request."""
    data = asked.data
    return {c["id"]: good_text(c, data, turn) for turn, c in enumerate(data["clients"])}


def as_json(texts: dict[str, str]) -> str:
    rows = [{"id": id_, "text": text} for id_, text in texts.items()]
    return json.dumps({"messages": rows}, ensure_ascii=False)


def obedient(asked: Asked) -> Reply:
    return Says(words=as_json(texts(asked)))


def _each(change: Callable[[str], str]) -> Callable[[Asked], Reply]:
    """Every text spoiled in the same way, in repairs too."""

    def script(asked: Asked) -> Reply:
        return Says(words=as_json({id_: change(text) for id_, text in texts(asked).items()}))

    return script


def _at_first(script: Callable[[Asked], Reply]) -> Callable[[Asked], Reply]:
    """Spoiled until it is asked to repair."""

    def first_only(asked: Asked) -> Reply:
        return obedient(asked) if any("fix" in c for c in asked.clients) else script(asked)

    return first_only


def _before_question(words: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        head, _, tail = text.rpartition("! ") if "! " in text else ("", "", text)
        return f"{head}! {words} {tail}" if head else f"{words} {text}"

    return change


def _without_last(asked: Asked) -> Reply:
    kept = texts(asked)
    kept.pop(next(reversed(kept)))
    return Says(words=as_json(kept))


def _one_more(asked: Asked) -> Reply:
    return Says(words=as_json(texts(asked) | {"zz99": "Здравствуйте! Записать вас?"}))


def _all_the_same_id(asked: Asked) -> Reply:
    id_ = asked.clients[0]["id"]
    rows = [{"id": id_, "text": text} for text in texts(asked).values()]
    return Says(words=json.dumps({"messages": rows}))


def _numbered_anew(asked: Asked) -> Reply:
    rows = [{"id": str(n), "text": t} for n, t in enumerate(texts(asked).values(), 1)]
    return Says(words=json.dumps({"messages": rows}))


def _one_turned_round(asked: Asked) -> Reply:
    """Every client gets the text of the next one."""
    written = texts(asked)
    ids, said = list(written), list(written.values())
    return Says(words=as_json(dict(zip(ids, said[1:] + said[:1], strict=True))))


def _bad_items(asked: Asked) -> Reply:
    rows: list[Any] = [{"id": id_, "text": t} for id_, t in texts(asked).items()]
    rows[0] = {"id": rows[0]["id"], "text": None}
    return Says(words=json.dumps({"messages": [*rows, 7, "x", {"text": "без id"}]}))


def _half(words: str) -> str:
    return words[: len(words) // 2]


OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"

MISBEHAVIOUR: dict[str, Callable[[Asked], Any]] = {
    "obedient": obedient,
    "preamble before the JSON": lambda a: Says(words=f"Конечно! Вот:\n{as_json(texts(a))}"),
    "fenced JSON": lambda a: Says(words=f"```json\n{as_json(texts(a))}\n```"),
    "preamble in the text": _each(lambda t: f"Вот сообщение для клиента: {t}"),
    "preamble at first": _at_first(_each(lambda t: f"Here is the message: {t}")),
    "quotes around": _each(lambda t: f"«{t}»"),
    "invented discount": _each(_before_question("Только для вас скидка 30%.")),
    "invented discount in words": _each(_before_question("Подарим половину цены.")),
    "invented discount at first": _at_first(_each(_before_question("Your 30% discount."))),
    "invented price": _each(_before_question("Всего за тысячу рублей.")),
    "invented day": _each(_before_question("Ждём завтра утром.")),
    "invented link": _each(_before_question("Запись на salon.ru.")),
    "foreign language": _each(lambda _: "Guten Tag! Wir freuen uns auf Sie. Termin buchen?"),
    "Chinese": _each(lambda _: "您好！要预约吗？"),
    "leaked placeholder": _each(lambda t: f"{{имя}} {t}".replace("?", " {service}?")),
    "another placeholder": _each(lambda t: t.replace("{имя}", "[Имя]").replace("{name}", "[Name]")),
    "no name": _each(lambda t: t.replace("{имя}, ", "").replace(" {name}", "")),
    "an invented name": _each(lambda t: t.replace("{имя}", "Марина").replace("{name}", "Mary")),
    "name in the middle": _each(lambda t: t.replace("{имя}, ", "Для {имя} ")),
    "400 characters": _each(lambda t: t.replace("?", " " + "очень " * 60 + "?")),
    "prompt text": lambda a: Says(words=as_json({c["id"]: a.system[:180] for c in a.clients})),
    "prompt as the answer": lambda a: Says(words=a.system),
    "HTML": _each(lambda t: f"<p>{t}</p>"),
    "HTML entities": _each(lambda t: t.replace(" ", "&nbsp;", 1)),
    "markdown": _each(lambda t: f"**{t}**"),
    "several lines": _each(lambda t: t.replace(". ", ".\n\n").replace("! ", "!\n")),
    "two questions": _each(lambda t: f"Как дела? {t}"),
    "no question": _each(lambda t: t.replace("?", ".")),
    "reproach": _each(_before_question("Мы скучали, вас давно не было.")),
    "hurry": _each(_before_question("Успейте, последний шанс.")),
    "many emoji": _each(lambda t: t.replace("?", " 🙂🙂🙂🙂?")),
    "capitals": _each(str.upper),
    "nothing": lambda _: Says(words=""),
    "empty texts": _each(lambda _: ""),
    "spaces": _each(lambda _: "   "),
    "empty list": lambda _: Says(words='{"messages": []}'),
    "an item too few": _without_last,
    "an item too many": _one_more,
    "the same id for all": _all_the_same_id,
    "ids made up": _numbered_anew,
    "texts of other clients": _one_turned_round,
    "bad items": _bad_items,
    "broken JSON": lambda a: Says(words=as_json(texts(a))[:-9]),
    "another JSON": lambda _: Says(words='{"texts": ["Здравствуйте!"]}'),
    "cut off": lambda a: Says(words=_half(as_json(texts(a))), finish="length"),
    "blocked": lambda _: Says(words="", finish="safety"),
    "429 with Retry-After": lambda _: Fails(how="rate_limit", retry_after=30),
    "429 without": lambda _: Fails(how="rate_limit"),
    "quota exhausted": lambda _: Fails(how="quota"),
    "500": lambda _: Fails(how="server"),
    "503": lambda _: Fails(how="overloaded"),
    "not in this country": lambda _: Fails(how="location"),
    "rejected": lambda _: Fails(how="rejected"),
    "hanging": lambda _: Raw(hang=60),
    "closed at once": lambda _: Raw(),
    "no HTTP": lambda _: Raw(payload=b"SSH-2.0-OpenSSH\r\n\r\n"),
    "half an answer": lambda _: Raw(payload=OK + b'content-length: 900\r\n\r\n{"candi'),
    "no JSON at all": lambda _: Raw(payload=OK + b"content-length: 4\r\n\r\n<ht>"),
}
