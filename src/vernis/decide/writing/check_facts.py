"""What is stated: no figure, day, link, offer, service or promise but the given ones."""

import re
import unicodedata
from functools import lru_cache

from vernis.decide.writing import russian, service_words
from vernis.decide.writing.judged import Judged
from vernis.decide.writing.plain_words import strange
from vernis.decide.writing.wording import ALWAYS_FITS, MOMENT, SERVICE
from vernis.decide.writing.wordlist import WordList
from vernis.domain import Band


def question(t: Judged) -> bool:
    """Exactly one, and the text ends with it."""
    return t.own.count("?") != 1 or not t.raw.endswith("?")


BOOKING = WordList(
    ru=r"""
        запи[сш]|брон|визит|прийти|прид[еу]|приех|приед|загля|зайти|зайд[еу]|врем(?:я|ени)\b
        окошк|окно|(?:ждать|видеть|принять) (?:вас|тебя)|в гости|\bдень\b|увид|встре|удоб|подойд
        когда (?:вам|тебе|вас|тебя)|\bпора\b|график|внести (?:вас|тебя)|вариант
    """,
    en=r"""
        \b(?:book|appointment|visit|time|spot|slot|come|coming|schedule|stop by|drop in|pop in)
        \b(?:(?:which|what|a|your) day|see you|reserve|fit you in|squeeze you|put you down|diary)
        \b(?:arrange)
        \bsuits?\b|set \w+ up|\b(?:haircut|cut|trim|manicure|pedicure|massage|facial)\b
    """,
)


def booking(t: Judged) -> bool:
    """The question is about coming: it says so, names the service or follows a free time."""
    if SERVICE in t.question or MOMENT in t.own:
        return False
    if any(_heads(word) for word in re.findall(r"[а-я-]{4,}", t.question)):
        return False
    return not BOOKING.is_in(t.question, t.facts.locale)


NUMERALS = WordList(
    ru=r"""
        \b(?:дв(?:а|е|ух|умя)|три|трех|четыре\w*|пят[ьи]\w*|шест[ьи]\w*|семь)\b
        \b(?:восемь\w*|девят[ьи]\w*|десят\w+|\w+надцат\w+|двадцат\w+|тридцат\w+|сорок\w*)\b
        \b(?:пятьдесят|сто|двест\w+|трист\w+|пятьсот|тысяч\w*|полтор\w+|вдвое|втрое)\b
    """,
    en=r"""
        \b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty)\b
        \b(?:forty|fifty|sixty|hundred|thousand|dozen|twice|half)\b
    """,
)


def number(t: Judged) -> bool:
    """Any figure that was not given, in digits or words: a price, a date, a time, a phone."""
    if any(map(_is_figure, set(t.own))):
        return True
    return NUMERALS.is_in(t.lower, t.facts.locale)


@lru_cache(maxsize=4096)
def _is_figure(character: str) -> bool:
    return unicodedata.category(character)[0] == "N" or character in "%‰№₽€£¥₸₴₾$"


DAYS = WordList(
    ru=r"""
        \b(?:сегодня|завтра|послезавтра|вчера|понедельник|вторник|сред[уыа]\b|четверг|пятниц)
        \b(?:суббот|воскресень|январ|феврал|март[аеу]?\b|апрел|ма[яе]\b|июн|июл|август|сентябр)
        \b(?:октябр|ноябр|декабр|полдень|полдн|час(?:а|ов|ик\w*)\b|минут|месяц|до конца)
        \b(?:(?:с|до) утра|ночь|доброе утро|добрый вечер|круглосуточно|ежедневно|праздник)
        \b(?:нов\w+ год|рождеств|день рождения|весн|лет(?:о|ом|н\w+)\b|осен|зим[аеоун])
    """,
    en=r"""
        \b(?:today|tomorrow|tonight|yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b
        \b(?:(?:mon|tue|wed|thu|fri|sat)\b|january|february|march\b|april|june|july|august)\b
        \b(?:september|october|november|december|noon|midnight|[ap]\.m\.|\d ?[ap]m\b|o'clock)\b
        \b(?:until|expires?|hours?|minutes?|months?|good (?:morning|afternoon|evening))\b
        \b(?:christmas|easter|new year|birthday|holidays?|spring|summer|autumn|winter)\b
    """,
)
# A question may ask which of these the client prefers; a statement may not promise them.
PARTS_OF_DAYS = WordList(
    ru=r"""
        \b(?:утром|вечером|днем|выходн\w+|будн\w+|недел\w+)\b
    """,
    en=r"""
        \b(?:mornings?|afternoons?|evenings?|weekends?|weekdays?)\b
        \b(?:this|next|coming|every|the) weeks?\b
    """,
)


def time(t: Judged) -> bool:
    """A day, a month or a time of the day that was not given."""
    locale = t.facts.locale
    return DAYS.is_in(t.lower, locale) or PARTS_OF_DAYS.is_in(t.body, locale)


LINK = WordList(
    ru=r"""
        https?:|www\.|\w\.(?:ru|com|рф|me|net|org|app|su|by|kz|io|link|pro|store)\b|@\w
        ссылк|в профил|в шапке|на (?:нашем )?сайт|инстаграм|телеграм|вконтакте|ватсап
        вотсап|директ|наш канал|позвоните|наберите|звоните
    """,
    en=r"""
        https?:|www\.|\w\.(?:com|ru|me|net|org|app|uk|ca|io|link|co|pro|store)\b|@\w
        \b(?:link|website|online at|instagram|telegram|facebook|whatsapp|click|(?:call|follow) us)\b
    """,
)


def link(t: Judged) -> bool:
    return LINK.is_in(t.lower, t.facts.locale)


OFFERS = WordList(
    ru=r"""
        скидк|скидоч|скидо[нс]
        подар(?:ок|к|им|ит(?!ь (?:вам |тебе )?(?:хорош|настро|улыб|радост|себе))|енн)
        \bдар(?:им|ю|ит)\b|бесплатн|акци[яиюй]
        бонус|промо|сертификат|к[эе]шб[эе]к|рубл|процент|выгод|дешевл|\bцен[аыуе]\b
        \bцен(?:ой|ам)?\b|ценник|стоимост|тариф|в два раза|вполовину|половин|комплимент от
        сюрприз|спецпредлож
        (?:особ|специальн|персональн|выгодн)\w+ (?:услови|предложени|цен)|распродаж
        за (?:наш )?сч[её]т|в придачу|презент|баллы?\b|балл(?:ов|ами)|депозит|угощ|угост
    """,
    en=r"""
        discount|\d ?off\b|%|◦ off\b|\boff (?:your|the|any|all)
        \b(?:gift|complimentary|bonus|voucher|coupon|promo\w*|deals?|per ?cent)\b
        \b(?:half[- ]price|price\w*|cheaper|savings?|save (?:\w+ on|big))\b
        \b(?:pay less|special (?:offer|rate|price))\b
        \b(?:reward\w*|treat (?:on|from) us|surprise)\b
        on us\b|on the house|(?<!take )\boff\b|for free
        (?<!you )\bfree\b(?! (?:on|at|times?|slot|spot|to|◦|◷))
    """,
)


def offer_invented(t: Judged) -> bool:
    """An offer where none was given; beside a given one, a second of another kind."""
    if t.wording.offer is None:
        return OFFERS.is_in(t.lower, t.facts.locale)
    return SECOND_OFFER.is_in(t.lower, t.facts.locale)


SECOND_OFFER = WordList(
    ru=r"""
        бесплатн|промокод|сертификат|к[эе]шб[эе]к|бонус|баллы|за наш сч|угост
        (?:скидк\w+ и (?:подарок|подарк)|подар\w+ и скидк|а также скидк|и еще (?:скидк|подар))
    """,
    en=r"""
        \b(?:free|complimentary|voucher|coupon|promo code|bonus|on the house)\b
        \b(?:discount and a gift|gift and a discount)\b
    """,
)


def offer_missing(t: Judged) -> bool:
    offer = t.wording.offer
    if offer is None or t.facts.band is Band.GENTLE or len(offer.called) > ALWAYS_FITS:
        return False
    return not (_names(t, offer.value) or _names(t, offer.wanted))


def terms_missing(t: Judged) -> bool:
    """The offer is named, one of its terms is not."""
    offer = t.wording.offer
    if offer is None:
        return False
    bound = [*offer.bounds, *([offer.terms] if offer.terms else [])]
    if not bound or all(_names(t, part) for part in bound):
        return False
    named = _names(t, offer.value) or _names(t, offer.wanted)
    return named or OFFERS.is_in(t.lower, t.facts.locale)


def _names(t: Judged, part: str) -> bool:
    return _close(part) in _close(t.raw)


def _close(text: str) -> str:
    """«2 000 ₽» and «2000 ₽» are the same."""
    plain = text.lower().replace("\u00a0", " ").replace("ё", "е")
    return re.sub(r"(?<=\d) (?=[\d₽])", "", plain)


PROMISES = WordList(
    ru=r"""
        гарант|обеща|вернем деньги|(?:точно|обязательно|непременно) (?:вам |тебе )?понрав
        без (?:ожидан|очеред|выходн|предоплат|перерыв)|вне очеред|результат|навсегда
        лучш\w+ (?:в городе|мастер|салон|цен|специалист)|не пожале|в любое время|как никогда
        безопасн|безболезнен|сделаем (?:быстро|идеальн|все)|идеальн
        будете (?:в восторге|блистать)|перезвоним|позвоним|напомним|привезем|приедем к
        встретим|такси|парковк
    """,
    en=r"""
        guarante|promise|money back
        you(?:'ll| will) (?:definitely |absolutely )?(?:love|adore) (?:it|the|your)|no wait
        without waiting|skip the (?:line|queue)|results?\b|forever
        best (?:in town|stylist|salon|price|team)|won't regret|any ?time\b|perfect\b
        painless|we(?:'ll| will) (?:call|remind|pick)|parking|walk out
    """,
)


def promise(t: Judged) -> bool:
    """Something that nobody said would be so."""
    return PROMISES.is_in(t.lower, t.facts.locale)


CLAIMS = WordList(
    ru=r"""
        запись (?:подтвержд|оформл|создан|готова)|вы (?:уже )?записаны|записали вас|жд[её]т вас у
        \bмуж(?:а|у|ем)?\b|\bжен(?:а|е|ой|у)\b|\bдет(?:и|ей|ям|ьми)\b|ребен|собак|в восторге
        на работе
        моложе|возраст|абонемент|освобождает|\bкот\b|\bкошк|постаре|похуде|располне|потолсте|морщин
        выглядите устал|потеряла? вид|запущен|шикарн
        \bбот\b|робот|автоматическ|наши(?:м|х) данн|базе? данных|отслежива|следим за|отзыв
        подпис(?:ыва|ат|ит)|отпуск|привед(?:ите|и) (?:с собой )?(?:подруг|друг)|кое-что|звезд
        к (?:двум|трем|пяти|шести|семи)\b|лучш(?:ая|ий|ие|ее)\b(?! время| день)|детка|бук[ау]
        нов(?:ый|ая|ое|ые|ого|ую|ых|ым|ыми|ой) (?:мастер|услуг|процедур|меню|прайс|коллекц|оттен)
        нов(?:ый|ая|ое|ые|ого|ую|ых|ым|ыми|ой) (?:средств|адрес|салон|филиал|студи|техник|космет)
        нов(?:ый|ая|ое|ые|ого|ую|ых|ым|ыми|ой) (?:сезон|оборуд|аппарат)
        новинк|обновили|обновился|переехал|открыли(?:сь)?\b|открылся|открылась|ремонт
        розыгрыш|лотере|конкурс|кофе\b|\bча[йюя]\b|шампанск|просекко
        постоянн\w+ (?:клиент|гост)|отрос|потеряла? форм|в прошлый раз вам (?:очень )?понрав
        вы остались довольн|вам так понрав|вы (?:были|приходили) (?:у|к) нам?|в штате
        опыт\w+ (?:мастер|специалист)|топ-?мастер|сертифицирован|премиальн|люкс\b
    """,
    en=r"""
        (?:booking|appointment|visit) is (?:confirmed|booked|set)
        you(?:'re| are) (?:already )?booked
        husband|wife|\bkids?\b|children|\bdogs?\b|split ends|ends are|line up|nobody|no one else
        younger|membership|your age|amazing|vanish|reviews?\b|automated|\bbots?\b
        our (?:records|data)|vacation|look tired|\bowe
        \bfix (?:that|your)|where you live|before (?:they|it) (?:are|is) gone|everyone is
        in the fall
        (?:is|are) (?:the|our) best\b|you look (?:tired|old|pale|bad)|bring a friend
        \bnew (?:stylist|service|menu|team|location|salon|products?|treatments?|look|colou?rs?)
        \bnew (?:season)
        moved to|relocated|reopen|renovat|refurb|raffle|giveaway|contest|coffee|champagne
        prosecco|\btea\b|loyal (?:client|customer)|regular (?:client|customer)|grown out
        regrowth|loved (?:it|your|the)\b|you enjoyed|leaving soon|next door|certified|award
        experienced|premium|luxury
    """,
)
# Free times where none were given.
FREE = WordList(
    ru=r"""
        (?:есть|появил\w+|освобод\w+|остал\w+|открыт\w*)(?: [\w-]+){0,3} (?:окош|окн|мест|врем|час)
        (?:окош\w+|окн\w+|мест[оа]) (?:есть|появил|освобод|остал)|свобод\w+ (?:сейчас|есть)
        (?:появил\w+|открыт\w*) (?:[\w-]+ )?запис|придерж|заброниров\w+ (?:за|для|под) |уже записа
    """,
    en=r"""
        (?:we have|we've got|opened up|came up)(?: [\w-]+){0,4} (?:spot|slot|opening|time|space)
        (?:there(?:'s| is| are))(?: [\w-]+){0,4} (?:spot|slot|opening|time|availability|space)
        just opened|(?:spot|slot|opening)s? (?:just )?(?:opened|came|available|free)
        (?:saved|reserved|kept) (?:you )?a|already booked
    """,
)
USUAL_MASTER = WordList(
    ru=r"\b(?:ваш|тво[йе]|твои)\w* (?:любим\w+ |постоянн\w+ )?мастер",
    en=r"\byour (?:favou?rite |usual |regular )?(?:stylist|barber|master|technician|therapist)",
)


def claim(t: Judged) -> bool:
    """News, visits or free times that the facts do not hold."""
    if CLAIMS.is_in(t.lower, t.facts.locale):
        return True
    if not t.facts.free_times and FREE.is_in(t.body, t.facts.locale):
        return True
    given = " ".join([*t.wording.staff.values(), t.facts.service_title or "", _said(t)])
    given = given.lower().replace("ё", "е")
    if any(_states(sentence, given, t) for sentence in t.sentences):
        return True
    if t.wording.staff:
        return False
    return USUAL_MASTER.is_in(t.lower, t.facts.locale)


def _states(sentence: str, given: str, t: Judged) -> bool:
    """Two words that invitations do without, or one in a short statement."""
    found = strange(sentence, given, t.facts.locale)
    is_short = len(re.findall(r"[^\W\d_]{3,}", sentence)) <= 3 and "?" not in sentence
    return len(found) > 1 or (is_short and bool(found))


def _said(t: Judged) -> str:
    return t.wording.service.called if t.wording.service is not None else ""


# Too general to name a service.
GENERAL = {"уход", "занятие", "осмотр", "восстановление", "покрытие", "укрепление", "прическа"}
ENGLISH_SERVICES = re.compile(
    r"\b(haircut|cut|trim|shave|fade|highlight|balayage|manicure|pedicure|mani|facial|massage|lash|"
    r"brow|wax|blowout|blow-dry|perm|updo|makeup|nail|colou?r|keratin|peel|tan|yoga)(?:e?s|ing)?\b"
)
SAME = (
    ("haircut", "cut", "trim", "fade"),
    ("color", "colour", "highlight", "balayage"),
    ("manicure", "mani", "nail"),
    ("shave", "beard"),
)
PRIVATE = WordList(
    ru="бикини|интим|ботокс|филлер|депиляц|грибк|мозол|целлюлит",
    en=r"\bbikini|brazilian|intimate|botox|fillers?\b",
)


def other_service(t: Judged) -> bool:
    """A service that is not the client's."""
    service = t.wording.service
    raw = (t.facts.service_title or "").lower() if service is not None else ""
    known = f"{raw} {service.called if service else ''}".replace("ё", "е")
    private = PRIVATE.search(t.lower, t.facts.locale)
    if private is not None and private[0] not in known:
        return True
    if not t.is_russian:
        return any(not _is_in(found[1], known) for found in ENGLISH_SERVICES.finditer(t.lower))
    allowed = {lemma for word in re.findall(r"[а-я-]+", known) for lemma in _heads(word)}
    return any(_heads(word) - allowed for word in re.findall(r"[а-я-]{4,}", t.lower))


def _is_in(word: str, known: str) -> bool:
    """Does the known service have the word, or one that means the same?"""
    alike = next((words for words in SAME if word in words), (word,))
    return any(one[:3] in known for one in alike)


@lru_cache(maxsize=20_000)
def _heads(word: str) -> frozenset[str]:
    """The services that a word names, «стрижке» -> «стрижка»."""
    if not any(word.startswith(stem) for stem in _stems()):
        return frozenset()
    lemmas = {parse.normal_form.replace("ё", "е") for parse in russian.parses(word)} | {word}
    lemmas |= {lemma.rsplit("-", 1)[-1] for lemma in lemmas}
    return frozenset(lemmas & _services())


@lru_cache(maxsize=1)
def _services() -> frozenset[str]:
    return frozenset(head.replace("ё", "е") for head in service_words.HEADS) - GENERAL


@lru_cache(maxsize=1)
def _stems() -> frozenset[str]:
    stems = {head[:4] for head in _services()}
    return frozenset(stems | {"спа-", "эксп", "смар"})
