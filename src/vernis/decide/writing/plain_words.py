"""The words that invitations are made of: what is said with others is likely a fact of its own.

A closed list of lemmas, as for services: a text may hold one word beside it in a sentence, two make
a statement that nobody gave («Ольга уходит в отпуск»).
"""

import re
from functools import lru_cache

from vernis.decide.writing import russian
from vernis.domain import Locale

_RU = """
слать прислать заслуживать сохранить сохранять отношение организовать нетерпение остальной
остальное ручка ножка локон взгляд свежесть легкость легкий ухаживать поухаживать ритуал
наслаждение расслабление релакс суета забыть ритм плотный мелочь деталь учитывать стиль стильный
подчеркнуть индивидуальность естественный нежный нежность гостеприимный семья верный вариант
возникнуть появиться посоветовать назначать обновлять обрадовать поддержка классно круто супер
идея мысль побаловать приложить ладно лад чистый чисто линия стрижечка маникюрчик укладка
укладочка бородка порция позитив позитивный отлично-то уделять свежо уточнять казаться ухоженный
поднимать поднять пара удачно сложиться взять брать по-прежнему наверняка искать потом надежный
спешить некуда традиция вечерний утренний дневной достаточно познакомиться знакомство делать
приводить черкнуть строчка самочувствие уверенный уверенность погода солнышко весело бодро
добрый-добрый душа душевный приветливый сегодняшний обязательно непременно по-новому по-другому
вдохновение вдохновить свобода неспешный неспешно занят занятый минутный пожалуй всего-навсего
напрямую согласиться отозваться откликнуться какой близкий ближайший составлять составить
проситься администратор беспокоить будни будний вечер вечером утро утром днем вновь возможность
возможно волос выходной давать дать дело добрый быть есть желанный желать пожелать женский мужской
детский зайти заходить подойти подходить подойдет кресло любимый любить много мочь смочь сможет
найтись найти нужный нужно надо обновить освежить баловать подстричься стричься подстроиться
позволить пока поэтому приветствовать привет приветик поздороваться прическа рад рада радовать
порадовать рассказать сказать говорить регулярность регулярно самый узнать уточнить устроить
хороший хорошо отличный отлично здорово часто этот попросить просить просьба передать передавать
смотреть посмотреть сейчас внести хотеться захотеться захотеть хотеть забывать форма помощь помочь
помогать выбор выбрать выбирать работать поработать записывать записать записаться записываться
запись тут надеяться отдых отдохнуть отдыхать красивый красиво красота помешать мешать пожелание
предпочтение идти ход бережно относиться спросить спрашивать комфортно комфорт благодарить
благодарность мастер барбер специалист сам залетать забегать забронировать посидеть поболтать
место приятный приятно новость год неделя месяц улыбка настроение день утречко жизнь прекрасный
замечательный чудесный уютный уют атмосфера тепло теплый забота заботиться позаботиться внимание
внимательно уделить думать подумать думаться планировать запланировать план собираться собраться
решить решать прийти приходить приехать приезжать заглянуть заглядывать ждать ожидать видеть
увидеть увидеться видеться встретить встретиться встреча встречать пригласить приглашать
приглашение предложить предлагать предложение подобрать подбирать оставить оставлять назначить
напомнить напоминать напоминание написать писать ответить отвечать ответ сообщить подсказать
подсказывать знать помнить вспомнить вспоминать принять принимать прием обслужить сделать заняться
порядок привести поддержать поддерживать держать выглядеть чувствовать расслабиться насладиться
постараться стараться радость радостный удовольствие спасибо доверие доверять визит посещение
время времечко дата график расписание удобный удобно удобство удобнее любой следующий обычный
привычный снова опять еще уже всегда просто просто-напросто очень весьма немного немножко чуть
скоро вскоро пора самое заранее вместе лично именно лишь тоже также наверное может пожалуйста
кстати если когда где здесь сюда прямо сразу легко спокойно салон студия барбершоп клиника центр
команда коллектив гость клиент рядом дверь открытый голова кожа лицо рука ноготь ноготок бровь
ресница тело спина борода ус процедура услуга уход стрижка маникюр педикюр массаж окрашивание
образ вид свой наш ваш твой весь каждый другой вечно раз разок вопрос предыдущий прошлый
понравиться нравиться учесть важный важно чат сообщение актуальный меняться измениться понимать
понятно слово лишний среди долгий долго короткий коротко подходящий зря спешка рекомендовать
присоединиться провести проводить часы пауза пообщаться общение связь связаться звонок позвать
звать навестить навещать вернуться возвращаться заскочить заехать выдаться свободный свободно
окошко окно освободиться найдется получиться получаться интересно интересный кто-то что-то момент
возможный ближний готовый приготовить подготовить порадоваться обрадоваться соскучиться приглядеть
поставить перенести отметить беречь ценить цениться доверить чувство ощущение выдохнуть
перезагрузка сила красить причесать аккуратный аккуратно свежий обновление перемена преображение
гармония бодрость здоровье здоровый счастливый светлый мягкий спокойный тихий добро
доброжелательный вежливый искренне искренний большой маленький небольшой полный новый лето зима
весна осень приз присесть приготовиться пожаловать милость милости желание согласовать
договориться подтвердить регулярный уважать уважение поделиться впечатление мнение исправить
улучшить недовольный довольный остаться готов комфортный прямой связать рабочий беспокойство
отвлекать минутка минуточка скидка подарок скидочка дарить подарить действовать чек
воспользоваться получить повод побыть себя себе меня мой заслужить достойный достойно приятель
друг день-другой администрация пишется удаться занять занятой связываться подобраться подсказка
зависеть пожеланий
"""
_EN = """
bright brighter thing mean forward self-care me-time shine glow confident confidence relaxing
soothing tidy polish polished neat sharp crew mate family rely reach respond response text type
shape maintenance routine regular upkeep session seat options suited wonder needed you'd might
small filling fine fill deserve deserves attention good line sort sit busy door lift mood honoured
honored host needs drop rest easy kettle heart cheers invited welcomed eager ready relaxed
convenient convenience preference whatever matter soonest sooner diary pencil chance bring smile
sweet handy suitable wherever anyway actually simply away being down trim cut a about after
afternoon again ahead all already also always am an and another any anything appointment are
around arrange as ask asked asking at back be been before best better between book booked booking
both brief but by calendar call can care chair change changed chat check checking choose choosing
come coming continue could day days dear delight delighted do does done each early either else end
enjoy enjoyed evening evenings ever every everyone everything face fancy favourite feel few find
first fit flexible for fresh freshen friendly friday from front fun gentle get getting give giving
glad go going got great guest guests hair haircut hand hands hands-on happy has have having hear
hello help her here hey hi him his hold hope hoping how however i idea if in interested into
invitation invite is it its job join just keep kept kind know last late later leave let life like
liked little lock look looking lot love lovely make making manage may maybe me meet meeting
message mind minute moment more morning mornings most much must my name near need never new next
nice no not note nothing notice now nudge of off offer often ok on once one only open opening or
other our out over own pamper part passed pick plan planned planning plans please pleased pleasure
point pop possible prefer pressure put question quick really relax reminder remember remembers
reply reserve right rush said salon same save say saying schedule see seeing seen send sent set
settle shall share she short should simple slot so some someone something sometime soon space
spare special spot spots stay still stop studio style such suit suits sure swing take talk team
tell tempt than thank thanks that the their them then there these they things think thinking this
those though thought through time times tiny to together too touch treat treating trust try trying
up upcoming us use usual very visit visits wait waiting want was way we week weekday weekdays
weekend weekends welcome well were what when whenever where whether which while who why will wish
wishes with within without wondering word work works world worries worry would write year yes yet
you your yours yourself hosted due list arranged rather quite happily gladly personally briefly
wrong wasn't loved favour follow-up brighten squeeze catch gets week's half perhaps certainly warm
warmly cheerful wonderful fantastic beautiful smiles cosy comfy comfortable calm peace peaceful
caring self freshly refresh refreshed free bill bills gift discount until mask claim valid
"""


@lru_cache(maxsize=2)
def _known(locale: Locale) -> frozenset[str]:
    return frozenset((_RU if locale is Locale.RU else _EN).split())


def strange(sentence: str, given: str, locale: Locale) -> list[str]:
    """The words of a sentence that invitations do without, those of `given` aside.

    Both in lower case, «е» for «ё».
    """
    found = [word for word in _words(sentence) if _is_strange(word, locale)]
    if not found:
        return []
    own = {form for word in _words(given) for form in _forms(word, locale)}
    return [word for word in found if not _forms(word, locale) & own]


@lru_cache(maxsize=10_000)
def _words(text: str) -> list[str]:
    return re.findall(r"[a-zа-я]+(?:['-][a-zа-я]+)*", text)


@lru_cache(maxsize=20_000)
def _is_strange(word: str, locale: Locale) -> bool:
    if len(word) < 3 or _forms(word, locale) & _known(locale):
        return False
    if locale is Locale.EN:
        return True
    best = russian.parses(word)[:1]
    return not best or best[0].tag.POS not in {"PREP", "CONJ", "PRCL", "NPRO", "INTJ", "PRED"}


@lru_cache(maxsize=20_000)
def _forms(word: str, locale: Locale) -> frozenset[str]:
    """The word and what it is a form of."""
    if locale is Locale.RU:
        lemmas = {parse.normal_form.replace("ё", "е") for parse in russian.parses(word)}
        return frozenset(lemmas | {word})
    stem = re.sub(r"n't$|'(?:s|re|ve|ll|d|m)$", "", word)
    forms = {word, stem}
    for ending in ("s", "es", "ed", "d", "ing", "ly", "er", "est"):
        if stem.endswith(ending) and len(stem) - len(ending) >= 3:
            bare = stem.removesuffix(ending)
            forms |= {bare, f"{bare}e", re.sub(r"(.)\1$", r"\1", bare)}
    return frozenset(forms)
