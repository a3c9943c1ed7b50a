"""What the words of a service title mean for its interval: concept -> word patterns.

`стриж*` is a stem, `боб` a whole word, `~маникюр*` a stem that is also recognised with typing
errors, `*массаж*` one that may also end a compound («вибромассаж»). Where several stems fit a
word the longest wins («бородав*» before «бород*»), so an exception is written as a longer stem
of another concept. Words are lower case, ё is е.
"""

WORDS: dict[str, str] = {
    # what is done
    "cut": "~стрижк* стриж* подстриж* стр strizhk* strijk* haircut* cut cuts",
    "trim": "trim trims",
    "manicure": "~маникюр* *маникюр* ман mani маник* манник* manicur* manikyur* manikur* manikiur*",
    "pedicure": "~педикюр* *педикюр* педик* пед pedicur* pedikyur* pedikur* pedikiur* pedi",
    "color": "~окрашив* окраш* окраск* окрас окр покрас* прокрас* закраш* ~тонирован* тонир*"
    " ~колорирован* колорир* ~осветлен* обесцвеч* блондир* okrash* okrask* tonirov* color*"
    " colour* dye* tint* toner* toning bleach* touchup coverage",
    "highlight": "~мелирован* мелир* микромелир* highlight* lowlight* babylight* lights melirov*"
    " бейбилайт*",
    "balayage": "~балаяж* балояж* balayag* balayazh* airtouch* шатуш* shatush* foilyag*",
    "ombre": "омбре амбре сомбре ombre sombre",
    "camouflage": "камуфл* контуринг* camo camouflag*",
    "extend": "~наращив* *наращив* нараст* наращ наращи нарощив* narash* extension* extention*",
    "extended": "наращен* нарощен*",
    "botox": "~ботокс* *ботокс* botox* botoks*",
    "clean": "~чистк* *чистк* очищен* chistk* cleansing",
    "facial": "facial facials hydrafacial* гидрафейшл*",
    "massage": "~массаж* *массаж* massag* massazh*",
    "peel": "~пилинг* *пилинг* пиллинг* peel peels peeling* piling* prx* biorepeel*",
    "epil": "~эпиляц* *эпиляц* ~депиляц* эпил депил шуг ~шугаринг* шугар* ваксинг* ваксир* воск"
    " воска воском восков* полимерн* sugar* shugar* wax waxing epil* depil*",
    "laser": "лазер* laser* элос elos диод* diod* александрит*",
    "shave": "брить* бритв* shav*",
    # for whom
    "male": "~мужск* муж мужч* муже* мужик* него парня парней парень man men mans mens male gent"
    " gents gentlem* muzhsk* mujsk*",
    "female": "~женск* жен женс женщ* дамск* дам дама дамы нее девуш* lady ladies ladys woman"
    " womans women womens female zhensk* jensk*",
    "child": "детск* дет дети детей детям деток ребен* малыш* мальчи* девочк* девоче* подрост*"
    " школьн* сын сына сыном сыну сыновей доч* юнош* kid kids child* boy boys girl girls teen*"
    " toddler* detsk*",
    "father": "отец отца отцом папа папы папой dad father",
    "barber": "барбер* barber*",
    "male_style": "fade фейд* фэйд* taper полубокс* бокс канадк* кроп crop андеркат* undercut"
    " британк* тупейк* наголо buzz crewcut",
    "clipper": "машинк* насадк* clipper*",
    "female_style": "каре боб пикси каскад* лесенк* pixie bob",
    "long": "длинн* средн* long medium",
    "short": "коротк* short",
    # on what
    "hair": "волос* корн* прядь пряд* седин* блонд* blond* hair hairs root* тон volos* gray grey",
    "hair_care": "кератин* keratin* нанопласт* восстановл* реконструкц* honma хонма",
    "strand": "капсул* микрокапс* лент* тресс* tape",
    "nail": "ногт* ногот* ноготк* nail* nogt*",
    "brow": "бров* brow brows eyebrow* brovi",
    "lash": "ресниц* ресничк* lash* eyelash* resnic*",
    "moustache": "усов усы усам moustach* mustach*",
    "beard": "~бород* beard* borod*",
    "beard_too": "борода бороду",
    "face": "лицо лица лицу лицом лице личик* букал* буккал* кобидо kobido асахи зоган жаке face",
    "legs": "ног ноги ногам ногах ножк* ножек бедр* бедер leg legs thigh*",
    "shin": "голен* calves",
    "extent": "полност* колен* full half",
    "bikini": "~бикини* bikini* brazilian бразильск* интим*",
    "underarm": "~подмыш* underarm* armpit* podmysh*",
    "finger": "пальц* пальч* toe toes finger*",
    "foot": "стоп стопы стопа стопам ступн* пятк* пяток feet foot",
    "hand": "рук руки рука руках ручк* кист* локт* arm arms hand hands",
    "body": "тело тела телу спин* живот* поясниц* ягодиц* солев* кофейн* body back",
    "scalp": "голов* scalp* head",
    "lips": "губ губы губа губк* lip lips",
    "forehead": "лоб лба межбров* морщин* носогуб* гипергидр* диспорт* единиц* unit units",
    "skin": "пор поры акне acne комедон* кожи skin",
    "cleaning_kind": "уз узи ультразв* ультрозв* механич* механ атравм* вакуум* мануальн* гидро",
    "cosmetology": "косметол* эстетич* косметич* cosmetolog*",
    "gel_of": "гельлака гельлаков",
    "manicure_of": "маникюра",
    "gel": "гельлак* шеллак* шилак* шелак* shellac* shellak* luxio люксио биогел* gelpolish",
    "gel_word": "гель гелем геля гелев* gel",
    "coat": "~покрыт* покр покрыв* pokryt* polish",
    "lacquer": "лак лака лаком лечебн* lacquer",
    "strengthen": "укрепл* выравнив*",
    "design": "дизайн* слайдер* стемпинг* стразы роспис* рисун* фольг* art",
    "pattern": "френч* french втирк* лунн* лунк* кошач*",
    "acrylic": "акрил* acryl* полигел* типсы dip",
    "bangs": "челк* fringe bangs окантов* кантик* виск* neck затыл* edging lineup",
    "fibre": "волоск*",
    # how
    "kind": "комбинир* комби аппарат*",
    "classic": "классич* классик* класич* обычн* гигиен* европейск* японск* экспресс* express"
    " classic* spa спа смарт* smart необрезн* обрезн* медиц* базов* basic partial total тотал*"
    " однотон* сложн* regular модельн* креативн* ножниц*",
    "tone": "цвет цвета",
    "gradient": "растяжк* градиент*",
    "henna": "хной хна хны henna",
    "paint": "краск*",
    "removal": "сняти* снят* remov* soak*",
    "correction": "~коррекц* коррек* correct*",
    "repair": "ремонт* repair* протезир* донаращ*",
    "styling": "укладк* прическ* сушк* локон* blowdry blowout updo styling брашинг* завивк*"
    " плетен* ukladk* выпрямл* dry",
    "care": "уход* маск* масло масла усьм* скраб* крем* care mask ламинир* laminat*"
    " полировк* lift lifting лифтинг* rf",
    "treatment": "обертыв* прессотер* парафин* липол* мезо* биоревит* отбелив* whiten*"
    " антицеллюл* lpg кавитац* инъекц* филлер* тейп* обработк* вросш* мозол* варикоз*"
    " удален* сосуд* купероз* омолож* *терап* ботулин* бородав* папиллом* родинк* wart*",
    "permanent": "перманент* татуаж* тату татуир* tatto* permanent* microblad* микроблейд*"
    " пудров* напылен* стрелк* век pmu",
    # what is no visit of a client of this house
    "training": "обучен* обучающ* курс курсы урок* школа школы тренинг* вебинар* мастеркласс*"
    " наставнич* квалифик* семинар* стажиров* training course* lesson* workshop*",
    "series": "процедур* сеанс* посещен*",
    "sale": "продаж* сертификат* certificate* gift набор* покупк* аренд* депозит* deposit*"
    " предопл* voucher* флакон* шампун*",
    "aside": "консультац* consult* доплат* surcharge диагностик*",
    "pet": "собак* собач* кошек кошки кошка кот кота щен* пудел* йорк* шпиц* груминг* когт* dog"
    " dogs cat pet pets",
    "thing": "авто* стекл* стекол* ковр* диван* мебел* стен стены фасад* газон* куст* зуб*"
    " стоматол* онихо* ушей уши химчист* обув* одежд* dental teeth ear ears",
    # words that turn what follows
    "later": "дальнейш* последующ*",
    "without": "без кроме without no",
    "before": "к ко после перед при для время after before for during",
}
