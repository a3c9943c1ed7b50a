"""What words of a reply are about, by how they begin: «педикюр», «лазер» are both a service.

The trained model (`reply_model`) sees these names beside the words themselves, so that what it
learnt of one service or one rude word holds for the others.
"""

from collections.abc import Iterable
from functools import lru_cache

_STEMS = {
    "<service>": """
        маник маникюр педик стриж подстри постри укладк окраш покрас краси мелиров балаяж
        тониров корни блонд ресниц бров ламинир наращ коррекц эпиляц депиляц шугаринг воск лазер
        массаж пилинг чистк ботокс кератин бород фейд каре челк гель шеллак френч косметолог
        губ уколы филлер биоревит солярий спа пломб зуб брекет гигиен осмотр узи прием приём
        сеанс процедур груминг снятие покрыти ногт ноготк волос виски усы голов прическ завивк
        airtouch manicure pedicure haircut trim nails lash brow massage facial wax cleaning
        checkup balayage beard stylist мани педи мелирован тримминг лечени консультац
    """,
    "<write>": """
        пиш писать писал напис слать шли шлите присыл отправля рассыла беспоко тревож спам
        надоеда дерга донима достава долб напомин навязыва приста трога звон названив строч
        text texting message messag contact bother send call write жаз пишіть
    """,
    "<messages>": """
        сообщен рассыл реклам смс спам уведомл напоминан оповещен подписк письм предложен акци
        messages texts spam sms ads promo emails хабарлама жарнам розсилк
    """,
    "<remove>": """
        удал убер убрат убир вычерк исключ сотр стерет стира отпиш отписа отписк отпис выпиш выпис
        заблок блок забан бан бане баню чс деактив очист очисти отзыв remove delete unsubscribe
        unsub opt block видал відпиш өшір
    """,
    "<paper>": "блокнот банк банан банально банкомат",
    "<enough>": """
        хватит хорош прекрат прекращ перестан переста отстан отвали отвяж отцеп отвян завязыв
        кончай угомон уйм заткн stop quit cease enough leave припин досить відчеп тоқтат доғар
        исчезн сгин скро скройт брысь кыш уйди уйдит забудьт забудь мазала тоқта заткни угомони
        отъеб отказ откажу
    """,
    "<fed_up>": """
        надоел достал задолб заколеб заман задрал замуч утомил беси раздраж сколько-можно
    """,
    "<rude>": """
        нах хуй хер пизд еб заеб бля жоп нафиг лесом катитес пшли к-черту fuck hell shit пошли
    """,
    "<list>": "баз списк картотек контакт номер телефон данн number list database нөмір",
    "<book>": """
        запиш запис забронир брон впиш поставь ставь book booking schedul appointment slot fit
        squeeze жазыл
    """,
    "<free>": "свобод окошк окно окон мест local opening openings available slots вільн бос",
    "<cancel>": "отмен аннулир сним отменя cancel скасу",
    "<move>": "перенес перенос перезапи передвин сдвин перекин reschedul move push",
    "<price>": """
        скольк цен прайс стоимост стоит почем почём тариф расценк price cost much бағас қанша
        ценник скок почому коштує
    """,
    "<discount>": "скидк акци бонус подар купон промокод сертифик discount offer знижк жеңілдік",
    "<dear>": "дорог дороговат кусают космос бюджет карман expensive қымбат",
    "<where>": "адрес находит находи где как-проехат метро парков этаж where located location",
    "<open>": "работает работаете открыт график режим закрыт до-скольки open hours close",
    "<master>": "мастер доктор врач барбер парикмахер специалист стилист stylist barber master",
    "<place>": "салон клиник барбершоп студи парикмахерск контор центр salon shop clinic",
    "<later>": """
        позж потом попозж позднее пока later осен лет зим весн праздник отпуск отпускн каникул
        зарплат аванс кейін пізніш
    """,
    "<think>": "подум думаю решу решил определ посовет посмотр прикин think решим ойлан",
    "<ill>": "боле забол приболе больниц болезн гипс операц поправл выздор карантин sick ill",
    "<away>": """
        уех уезж отпуск команд вахт дач путешеств переех переезж город traveling moved away
        заграниц санатор рейс
    """,
    "<money>": "ден денег деньг бабк зарплат пенси кредит money afford ақша",
    "<elsewhere>": "друг другой другом нашл нашел ближе подруг сосед сама сам someone elsewhere",
    "<no_need>": "актуал интерес нужд нужн надо need interested треба керек",
    "<bad>": """
        ужас плох крив испорт отврат безобраз кошмар хам груб обман недовол разочар сожгл сожг
        порез облез отвал слез отклеи отсло слома аллерг ожог сып раздражен боль больно terrible
        awful worst rude ruined bad disappoint burn broke нашар бүлдір зіпсу жахлив
    """,
    "<refund>": "верн возврат компенсац претенз жалоб refund суд роспотреб прокур",
    "<person>": """
        администратор менеджер директор управляющ оператор человек руковод живой живог главн
        старш manager human person operator әкімш
    """,
    "<wrong>": "ошиб ошиблис перепут попутал обознал не-туда wrong қателес помил",
    "<thanks>": "трогательн признательн спасиб благодар thank мерси рахмет дяку спс пасиб",
    "<was>": "был была были была-у дела делал стриглас стригс красилас вчера недавно",
    "<yes>": "да ага угу конечн yes yeah sure ок окей давай хорош ладно иә так-то go го",
    "<can>": "можно можете могу смогу could can могли",
    "<want>": "хоч хотел want would мечта готов желаю",
    "<family>": "муж жен доч сын мам пап реб внук внуч сестр брат подруг бабушк",
}
_BY_STEM = {stem: name for name, stems in _STEMS.items() for stem in stems.split()}
_LONGEST = max(map(len, _BY_STEM))


@lru_cache(maxsize=50_000)
def concept(word: str) -> str:
    """The concept of a token, or its first five letters."""
    whole = _BY_STEM.get(word)
    if whole is not None:
        return whole
    for length in range(min(len(word), _LONGEST), 2, -1):
        found = _BY_STEM.get(word[:length])
        if found is not None:
            return found
    return word[:5]


_STOPPING = frozenset(
    [
        "<write>",
        "<messages>",
        "<remove>",
        "<enough>",
        "<fed_up>",
        "<rude>",
        "<list>",
        "🛑",
        "👎",
        "😡",
    ]
)


def about_stopping(words: Iterable[str]) -> bool:
    """Whether anything is said that a demand to stop could be made of."""
    return any(concept(word) in _STOPPING for word in words)
