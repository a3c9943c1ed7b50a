"""The words that a service is called by: a closed list, so that nothing odd is ever said.

What is not here is not said: the message is then written without the service. Intimate and
medical services are left out on purpose: others may read over the client's shoulder.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Heads of Russian titles: nominative singular by gender (the dictionary lacks many of them).
HEADS: dict[str, str] = {
    word: gender
    for gender, words in {
        "femn": """
            стрижка укладка завивка биозавивка химзавивка прическа причёска тонировка покраска
            эпиляция депиляция фотоэпиляция коррекция чистка биоревитализация мезотерапия
            карбокситерапия прессотерапия парафинотерапия фототерапия стимуляция реконструкция
            архитектура полировка растяжка тренировка йога хиджама
            кислородотерапия криотерапия электроэпиляция программа спа-программа маска окантовка
            кератинизация профгигиена гигиена замена мойка диагностика плазмотерапия
        """,
        "masc": """
            маникюр педикюр массаж макияж пилинг шугаринг ваксинг тридинг балаяж шатуш аиртач
            эйртач татуаж брашинг плазмолифтинг микронидлинг уход спа-уход лифтинг ботокс бустап
            карвинг вибромассаж автомассаж стайлинг фейсбилдинг спа-маникюр
            спа-педикюр спа-массаж перманент груминг шиномонтаж пилатес
            стретчинг осмотр биотатуаж микроблейдинг камуфляж гидропилинг смас-лифтинг фотолифтинг
        """,
        "neut": """
            окрашивание мелирование тонирование колорирование брондирование ламинирование
            наращивание выпрямление восстановление обертывание обёртывание бритье бритьё
            моделирование оформление осветление укрепление покрытие
            экранирование глазирование биоламинирование омбре камуфлирование армирование
            плетение биоармирование кератирование занятие каре мытье скрабирование отбеливание
        """,
    }.items()
    for word in words.split()
}

# Heads that are plural: the accusative is the same.
PLURAL = _words("микротоки локоны афрокосы афрокудри афрокосички дреды")

# These say too little alone: they need an adjective or a tail («чистка лица»).
NEEDS_TAIL = _words("""
    чистка моделирование оформление укрепление восстановление реконструкция архитектура
    стимуляция занятие растяжка каре мытье полировка уход осветление выпрямление отбеливание
    камуфляж осмотр лифтинг покрытие перманент ботокс программа маска гигиена замена мойка
    диагностика плетение""")
# Said only where the title holds nothing better («маникюр + покрытие» is a manicure).
SECONDARY = _words("покрытие укрепление уход мытье")

# Adjectives that people say together with a service, in the nominative masculine.
ADJECTIVES = _words("""
    женский мужской детский подростковый классический комбинированный аппаратный европейский
    японский бразильский модельный креативный короткий длинный горячий холодный лазерный восковой
    сахарный кератиновый долговременный сложный тотальный лечебный расслабляющий
    спортивный общий тайский балийский  лимфодренажный скульптурный буккальный
    медовый вечерний дневной праздничный перманентный ультразвуковой атравматичный
    атравматический моделирующий уходовый альгинатный азиатский турецкий парафиновый щадящий
    солевой горячий художественный механический карбоновый химический миндальный шоколадный
    водорослевый гигиенический экспрессный королевский опасный гелевый акриловый
    классическо-аппаратный обрезной необрезной  однотонный цветной натуральный
    естественный объемный объёмный профессиональный стильный укороченный лечебный
    прикорневой локальный глубокий интенсивный увлажняющий восстанавливающий косметический
    пенный точечный баночный вакуумный гавайский пластический миофасциальный оздоровительный
    прессотерапевтический семейный индивидуальный групповой персональный
    """)

# What may follow the head. The longest that matches is kept, the rest of the title is dropped.
_TAILS = """
    волос, бровей, ресниц, ногтей, лица, головы, бороды, бородки, усов, спины, тела, всего тела,
    ног, рук, корней, стоп, губ, век, шеи, воротниковой зоны, шейно-воротниковой зоны, кожи
    головы, контура бороды, челки, чёлки, концов, кончиков, корней волос, верхних ресниц, нижних
    ресниц, седины, бровей хной, бровей краской, хной, машинкой, ножницами, под машинку, феном,
    на брашинг, с покрытием, с укладкой, с окрашиванием, с массажем, с дизайном, с мытьем, гель-
    лаком, с покрытием гель-лаком, с покрытием гель-лак, с гель-лаком, для волос, для лица, для
    рук, для ног, для тела, за лицом, за волосами, за бородой, за ногтями, за кожей головы, за
    кожей лица, опасной бритвой, зубов, в один тон, тонких волос, длинных волос, коротких волос,
    нарощенных ногтей, ногтей гелем, воском, ног полностью, рук полностью, верхней губы, глаз,
    кос, косичек, утюжком, полости рта, масла, горячими ножницами, бороды машинкой, затылка,
    уголков,
    концов волос, висков, всей длины, декольте, лица и шеи
"""
TAILS = frozenset(phrase.strip() for phrase in " ".join(_TAILS.split()).split(","))
# As written in titles -> as said.
SAID_TAILS = {"с покрытием гель-лак": "с покрытием гель-лаком"}

# «бороды и усов»: any two of these.
PAIRED = _words("""
    бороды усов бровей ресниц рук ног лица шеи волос головы спины плеч стоп кистей декольте губ век
    ногтей корней""")
# Beside a service («Брови: коррекция», «Окрашивание: корни») -> what is treated.
OF_PART = {
    "брови": "бровей",
    "ресницы": "ресниц",
    "ногти": "ногтей",
    "волосы": "волос",
    "лицо": "лица",
    "борода": "бороды",
    "спина": "спины",
    "голова": "головы",
    "корни": "корней",
    "чёлка": "чёлки",
    "челка": "чёлки",
}
# Spelled so in titles.
SPELLING = {
    "класическ": "классическ",
    "классичесий": "классический",
    "ультрозвук": "ультразвук",
    "маникур": "маникюр",
    "педикур": "педикюр",
    "ламинированье": "ламинирование",
    "бритье": "бритьё",
    "обертыван": "обёртыван",
    "причес": "причёс",
    "мытье": "мытьё",
    "челк": "чёлк",
    "объемн": "объёмн",
    "ботех": "ботокс",
}
# What others need not read over the shoulder: the service is said without it.
PRIVATE = _words("бикини интим интимная интимный интимной интимное ареолы межъягодичная")
PRIVATE_HEADS = _words("шугаринг эпиляция депиляция фотоэпиляция электроэпиляция ваксинг")
STOP_IN_BRACKETS = _words("модель модели обучение отмена тест пробная пробный")

# One of these words, and the title is no service to invite to.
STOP = _words("""
    не отмена доплата предоплата аренда сертификат обучение курс курсы мастер-класс модель модели
    тест перерыв обед штраф консультация сушка продажа товар абонемент депозит подарок бесплатно
    бесплатная бесплатный пробный пробная акция скидка удаление бикини интим интимная
    интимный ареолы ремонт резерв бронь перекрытие обработка собак кошек собаки кошки депозитный
    консультации титановой титановая онихомикоз грибок вросший бородавка геморрой свадебная
    свадебный свадебное
    """)

# Beside another service («снятие + маникюр») it says nothing of that one.
STOP_ALONE = frozenset({"снятие"})

ABBREVIATIONS = {
    "жен": "женская",
    "женск": "женская",
    "муж": "мужская",
    "мужск": "мужская",
    "дет": "детская",
    "детск": "детская",
    "комб": "комбинированный",
    "аппар": "аппаратный",
    "класс": "классический",
    "классич": "классический",
    "европ": "европейский",
}

# English: the phrase as titles spell it -> as people say it with its article.
ENGLISH: dict[str, str] = {
    "haircut": "a haircut",
    "hair cut": "a haircut",
    "cut": "a haircut",
    "hair trim": "a trim",
    "trim": "a trim",
    "bang trim": "a bang trim",
    "fringe trim": "a fringe trim",
    "fringe cut": "a fringe trim",
    "bang cut": "a bang trim",
    "neck trim": "a neck trim",
    "beard trim": "a beard trim",
    "clipper cut": "a clipper cut",
    "buzz cut": "a buzz cut",
    "skin fade": "a skin fade",
    "fade": "a fade",
    "shave": "a shave",
    "hot towel shave": "a hot towel shave",
    "cut and color": "a cut and color",
    "cut and colour": "a cut and colour",
    "cut and style": "a cut and style",
    "cut and blow dry": "a cut and blow-dry",
    "wash and cut": "a wash and cut",
    "blow dry": "a blow-dry",
    "blowdry": "a blow-dry",
    "blowout": "a blowout",
    "blow out": "a blowout",
    "updo": "an updo",
    "perm": "a perm",
    "color": "color",
    "colour": "colour",
    "hair color": "hair color",
    "hair colour": "hair colour",
    "full color": "color",
    "root touch up": "a root touch-up",
    "root touchup": "a root touch-up",
    "color correction": "a color correction",
    "color touch up": "a color touch-up",
    "colour touch up": "a colour touch-up",
    "highlights": "highlights",
    "full highlights": "full highlights",
    "partial highlights": "partial highlights",
    "half head highlights": "half-head highlights",
    "full head highlights": "full-head highlights",
    "lowlights": "lowlights",
    "babylights": "babylights",
    "balayage": "balayage",
    "ombre": "ombre",
    "toner": "a toner",
    "gloss": "a gloss",
    "keratin treatment": "a keratin treatment",
    "deep conditioning treatment": "a deep conditioning treatment",
    "conditioning treatment": "a conditioning treatment",
    "scalp treatment": "a scalp treatment",
    "hair treatment": "a hair treatment",
    "olaplex treatment": "a conditioning treatment",
    "hair extensions": "hair extensions",
    "manicure": "a manicure",
    "gel manicure": "a gel manicure",
    "shellac manicure": "a manicure",
    "classic manicure": "a classic manicure",
    "spa manicure": "a spa manicure",
    "mani pedi": "a mani-pedi",
    "manicure and pedicure": "a manicure and pedicure",
    "pedicure": "a pedicure",
    "gel pedicure": "a gel pedicure",
    "classic pedicure": "a classic pedicure",
    "spa pedicure": "a spa pedicure",
    "gel nails": "gel nails",
    "acrylic nails": "acrylic nails",
    "acrylic": "acrylic nails",
    "gel mani": "a gel manicure",
    "gel pedi": "a gel pedicure",
    "mani": "a manicure",
    "pedi": "a pedicure",
    "facial": "a facial",
    "express facial": "an express facial",
    "deep cleansing facial": "a deep cleansing facial",
    "peel": "a peel",
    "chemical peel": "a peel",
    "massage": "a massage",
    "deep tissue massage": "a deep tissue massage",
    "swedish massage": "a Swedish massage",
    "relaxation massage": "a relaxation massage",
    "back massage": "a back massage",
    "sports massage": "a sports massage",
    "hot stone massage": "a hot stone massage",
    "thai massage": "a Thai massage",
    "lash lift": "a lash lift",
    "lash extensions": "lash extensions",
    "eyelash extensions": "lash extensions",
    "lash fill": "a lash fill",
    "lash refill": "a lash fill",
    "lash tint": "a lash tint",
    "eyelash tint": "a lash tint",
    "brow tint": "a brow tint",
    "eyebrow tint": "a brow tint",
    "brow shaping": "brow shaping",
    "eyebrow shaping": "brow shaping",
    "brow shape": "brow shaping",
    "brow lamination": "brow lamination",
    "brow wax": "a brow wax",
    "eyebrow wax": "a brow wax",
    "eyebrow threading": "brow threading",
    "brow threading": "brow threading",
    "waxing": "waxing",
    "leg wax": "a leg wax",
    "makeup": "makeup",
    "make up": "makeup",
    "spray tan": "a spray tan",
    "yoga class": "a yoga class",
    "personal training": "personal training",
    "dental cleaning": "a cleaning",
    "teeth cleaning": "a cleaning",
}
ENGLISH_FOR = {
    "women": "women's",
    "woman": "women's",
    "womens": "women's",
    "women's": "women's",
    "ladies": "women's",
    "ladies'": "women's",
    "lady's": "women's",
    "men": "men's",
    "mens": "men's",
    "men's": "men's",
    "gents": "men's",
    "gentlemen's": "men's",
    "kids": "kids'",
    "kid's": "kids'",
    "kids'": "kids'",
    "children's": "kids'",
    "childrens": "kids'",
    "child's": "kids'",
    "boys": "kids'",
    "girls": "kids'",
}
ENGLISH_STOP = _words("""
    no not consultation consult additional extra add addon add-on charge product products retail
    deposit gift card certificate voucher training model models class free complimentary redo fix
    test removal remove take-off bikini brazilian intimate fee cancellation late tip tips refund
    break lunch blocked block dog cat pet lights sale discount trial
    """)
