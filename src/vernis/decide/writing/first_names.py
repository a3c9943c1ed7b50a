"""First names that can be said in a greeting: Russian, CIS and common English, with short forms.

Compiled by hand for recognising, not for generating. Cyrillic is stored without «ё». A name in
both columns, or in `EITHER`, tells nothing about the gender.
"""

FEMALE_RU = """
августа аврора агата агафья аглая агния ада аделаида аделина аделия адель адриана аида айгерим
айгуль айдана айжан айлин айна айнур айнура айша акулина алевтина александра александрина алена
алеся алиана алика алина алиса алия алла алсу альбина альфия амалия амелия амина амира анара
анастасия ангелина анжела анжелика аниса анисия анита анна антонина ануш анфиса арина арсения
арюна асем асель асема ассоль астра ася аурика аэлита аксинья айзада айсулу айтен бажена беата
бэла бела белла береника бибигуль богдана божена бронислава валентина валерия ванда варвара
василина василиса вера вероника веста виктория виолетта виталина влада владислава владлена
габриэла галина галия гаяне гаянэ гоар гузель гулия гулнара гульмира гульназ гульнара гульшат
гульзат гюзель дамира дана даниэла дания дара дарина дария дарья даяна джамиля джулия джессика
диана дилара дильбар дильназ дильноза дилноза динара дина доминика ева евангелина евгения евдокия
екатерина елена елизавета есения ефросинья жанар жанара жанель жанна жасмин жасмина жибек зара
зарема зарина земфира зинаида злата зоряна зоя зульфия зухра ида илона ильмира инара индира инга
инесса инна иоанна ираида ирада ирина ирма исидора июлия ия камила камилла капитолина каролина
катарина кира клавдия клара клементина кристина ксения лада лайла лала лали лана лариса лейла
лейсан лениза леся лиана лидия лика лилиана лилия лина лола лолита лора луиза лукерья любава
любовь людмила мавжуда магда мадина мадлен майя макка малика малена манана марианна марина мария
марта марфа марьям марьяна матильда медина мелания мика мила милада милана милена милослава мира
мирослава миляуша мириам моника муниса надежда надия назгуль назира наиля наргиза наргиз настасья
наталия наталья нелли нигора нигина ника николь нилуфар нина нинель нино нонна нора нурия нургуль
оксана октябрина олеся оливия ольга офелия пелагея полина прасковья рада радмила раиса рания раяна
ребекка регина рената римма рита роза роксана роксолана румия руслана русалина рузанна рузиля
сабина сабрина саида салима саломея салтанат самира сара сати светлана севара севда северина
селена серафима сима симона снежана соня софия софья стелла стефания сусанна сюзанна таисия тамара
тамила татьяна тереза тина томирис ульяна умида фаина фания фарида фарангиз фатима фариза феодосия
фируза флора флюра халида хадиджа ханна хава христина цветана чулпан шахноза шахло шолпан эвелина
элеонора элиана элина элиза элла эллина эльвира эльза эльмира эльнара эля эмилия эмма эрика эсмира
эстер этери юлиана юлия юна юнона ядвига яна янина ярослава ясмин ясмина ясна аленка алиночка
анечка аннушка анюта аня асенька валюша варя варенька варечка вероничка вика викуля виолочка галя
галочка галинка гуля даша дашенька дашуля диля динарочка женечка ира ирочка ириша иринка катя
катенька катюша катерина кариша карина ксюша ксеня лара лариска лена леночка лера лерочка лиза
лизонька лида лиля люба любаша люда людочка люся мара маргарита маргоша марго мариша маруся маша
машенька машуля милочка муся надя наденька настя настенька настюша ната наташа наточка нелля
ниночка нюша оксаночка оленька олечка оля полинка поля риточка риммочка света светочка софа
софочка сонечка стася тая тася таня танюша танечка тома томочка тоня уля фая фрося эллочка юленька
юлечка юля яночка ярося аришка ариша
"""

MALE_RU = """
абдулла абай абрам август авдей адам адиль адриан азамат азат азиз айбек айдар айрат акакий акбар
акмаль аким алан алдияр александр алексей али алибек алихан алишер алмаз альберт альфред амаль
амин амир анар анатолий ангел андрей анзор антон арам арген арен аристарх аркадий арман армен арно
арсен арсений арслан артем артемий артур архип асан асхат аскар аслан афанасий ахмед ахмад ашот
бауыржан баходир бахтияр бейбут бек бекзат бекзод болат богдан борис бронислав булат вадим
валентин валерий вазген вардан варлам василий вахтанг велимир вениамин виктор вилен виссарион
виталий витольд владимир владислав владлен влас всеволод вячеслав гавриил газиз галим гамлет ганс
гарик гаррик геворг геннадий георгий герасим герман глеб гордей гор горан грант григорий гурам
гурген давид давлат давыд дамир даниил данил данила даниэль данияр даниер данислав демид демьян
денис джамал джафар джон диас дидар дильшод дияр динар дмитрий добрыня дорофей евгений евдоким
евсей егор елисей ерлан ермек емельян ефим ефрем жан жандос жасур жахонгир жорж захар зелимхан
зураб зуфар ибрагим иван игнат игнатий игорь идрис икрам илларион ильдар ильнар ильнур ильхом
ильшат ильяс илья иннокентий иосиф ираклий иса искандер искандар ислам исмаил казбек камал камиль
карен карим карл кирилл клим кондрат константин корней кузьма лаврентий лазарь лев леван левон
ленар леон леонид леонтий лука любомир людвиг магомед магомет макар максим максимилиан малик
мансур марат мариан марк марлен мартин марсель матвей махмуд мелис мераб мердан микаэл милан мирон
мирослав михаил модест мурад мурат муса мустафа мухаммад мухаммед назар назим наиль наум нестор
ника никита никодим никифор николай нико никон нодар нурбек нурлан нурсултан овик олег олжас омар
онисим орест оскар осип отар павел панкрат парфен пахом петр платон потап прохор равиль радик
радий радислав радмир раис рамазан рамзан рамиль рамин расул рауль рауф рафаэль рафик рафис рашид
рашад ринат ришат роберт родион роман ростислав рубен рудольф рустам рустем рушан руслан савва
савелий садык саид салават салим салман самвел самир самуил санжар сардор сармат саркис святослав
севастьян семен серафим сергей серик серж силантий соломон сослан спартак станислав степан сухроб
тагир таир таймураз тариэл тарас теймур темирлан тигран тимофей тимур тихон трофим тофик улугбек
умар устин фадей фарид фарух фархад федор федот феликс феофан фидель филипп фома фрол хабиб хамза
хаким харитон хасан христофор хусейн хуршид чингиз шамиль шавкат шерзод шухрат эдгар эдуард эльдар
эльмар эльчин эльшад эмиль эмин эммануил эрик эрнест юлиан юлий юрий юсуф юсиф яков ян янис
ярослав алеша алеха антоха антоша артемка боря вадик вадя ваня ванечка вася витя вова володя
вовчик гена гоша гриша данечка денчик дениска дима димочка димка егорка женька игорек илюша
иннокеша илюха кирюша костя костик коля лева леша леня максимка макс миша мишаня мишка никитос
петя паша павлик ромка рома рус руся святик сева сеня сережа серега славик стас степа тарасик тема
темка тимоха тима толик толя федя филя юра юрик юрочка яша арсюша митя
"""

EITHER_RU = """
саша шура сашенька санечка женя валя слава паша лера никита сева сима ника влада вася мика тоша
даня дана джан жан шахриер инал руся тема кима муса милан анар динар
"""

FEMALE_EN = """
abby abigail ada addison adele adriana agnes aisha alana alexa alexandra alexandria alexia alexis
alice alicia alina alisha alison allison alma alyssa amanda amber amelia amina amira amy ana
anastasia andrea angela angelica angelina anita ann anna annabel annabelle anne annette annie
antonia april aria ariana arianna ashley ashlyn astrid audrey aurora autumn ava barbara beatrice
beatriz becky belinda bella bernadette beth bethany betty beverly bianca bonnie brenda briana
brianna bridget brittany brooke caitlin camila camilla candace carla carly carmen carol carolina
caroline carolyn carrie cassandra cassie catherine cathy cecilia celeste celia chantal charlotte
chelsea cheryl chloe christina christine cindy claire clara claudia colleen connie cora courtney
crystal cynthia daisy dana danielle daphne daria darlene dawn deanna deborah debbie debra delia
delilah denise desiree diana diane dina dolores donna dora doris dorothy edith eileen elaine
eleanor elena eliana elise eliza elizabeth ella ellen ellie eloise elsa elsie emilia emily emma
erica erika erin esme esther ethel eva eve evelyn faith farah fatima felicia fiona florence
frances francesca freya gabriela gabriella gabrielle gail gemma genevieve georgia georgina
geraldine gertrude gina giulia giselle gladys gloria grace greta gwen hailey haley hannah harriet
hazel heather heidi helen helena hillary holly hope ida imogen ines ingrid irene irina iris isabel
isabella isabelle isla ivy jacqueline jade jamila jana jane janet janice jasmine jean jeanette
jenna jennie jennifer jenny jessica jessie jill joan joanna joanne jocelyn josephine joy joyce
juanita judith judy julia juliana julie juliet june kaitlyn karen karina kate katelyn katerina
katherine kathleen kathryn kathy katie katrina kayla keira kelsey kendra kendall kimberly kirsten
kristen kristin kristina lana lara larissa laura lauren laurie layla lea leah leila lena leslie
leticia lexi lidia lila lillian lily linda lindsay lindsey lisa liz liza lois lola lorena loretta
lori lorraine louise lucia lucille lucy luna lydia lynn mabel mackenzie madeleine madeline madison
maggie maisie mandy mara marcia margaret margarita margot maria mariam marian mariana marie
marilyn marina marisa marissa marjorie marlene martha mary matilda maureen maya meera megan meghan
melanie melinda melissa melody mercedes meredith mia michele michelle mila mildred miranda miriam
moira molly monica monique muriel nadia nadine nancy naomi natalia natalie natasha nicole nina
noelle nora noor norma olga olive olivia paige pamela patricia patty paula pauline pearl peggy
penelope penny phoebe phyllis piper polina poppy priscilla priya rachel rebecca regina renata
renee rhonda rita roberta rosa rosalie rose rosemary rosie roxanne ruby ruth sabrina sadie sally
samantha sandra sandy sara sarah savannah scarlett selena serena shannon sharon sheila shelby
sherri sherry shirley sienna silvia simone sofia sonia sophia sophie stacey stacy stella stephanie
sue summer susan susanna suzanne svetlana sylvia tabitha tamara tammy tanya tara tatiana teresa
tessa theresa tiffany tina tracy trisha ursula valentina valeria valerie vanessa vera veronica
vicky victoria viola violet virginia vivian wanda wendy whitney willow wilma xenia yasmin yasmine
yolanda yulia yvette yvonne zara zoe zoey aaliyah ananya anjali deepa divya fatma hana ivana
jelena kamila kavya lakshmi layan leyla ling magdalena malgorzata mei milena nisha pooja preeti
rania sakura sana sangita sanjana shreya sinead siobhan niamh aoife sneha sunita yuki zainab
"""

MALE_EN = """
aaron abdul abraham adam adrian ahmed aidan alan albert alejandro alessandro alex alexander alfred
ali alistair allan allen alvin amir anders andre andreas andrew andy angelo anthony antonio archie
arjun arnold arthur ashton austin barry bartholomew ben benjamin bernard bert bill billy blake bob
bobby brad bradley brandon brendan brent brett brian bruce bruno bryan byron caleb calvin cameron
carl carlos carter cedric chad charles charlie chester chris christian christopher clarence clark
claude clayton clifford clint clive cody colin connor conor corey craig curtis cyril dale damian
damon dan daniel danny darren darryl dave david dean dennis derek derrick desmond diego dmitri
dmitry dominic don donald doug douglas duncan dustin dwayne dylan earl eddie edgar eduardo edward
edwin eli elias elijah elliot elliott emil emmanuel enrique eric erik ernest ethan eugene evan
felipe felix fernando finn floyd francis francisco frank franklin fred freddie frederick gabriel
gareth gary gavin geoffrey george gerald gilbert giovanni glen glenn gordon graham grant greg
gregory guillermo gus guy hamza harold harry harvey hassan hector henry herbert herman howard hugh
hugo hussein ian ibrahim igor isaac ismail ivan jack jackson jacob jake james jared jason javier
jay jeff jeffrey jeremiah jeremy jerome jerry jesse jim jimmy joe joel johan john johnny jonah
jonas jonathan jorge jose joseph josh joshua juan jude julian julio justin karl keith ken kenneth
kenny kevin kirk kurt kyle lance larry lars laurence lawrence lee leo leon leonard leonardo lewis
liam lionel lloyd logan lorenzo louis lucas luis luke magnus malcolm manuel marc marco marcus
mario mark marshall martin marvin mason mateo mathew matt matteo matthew maurice max maxim maxwell
michael miguel mike mikhail miles milo milton mitchell mohamed mohammad mohammed morgan muhammad
murray nathan nathaniel neil nelson nicholas nick nicolas nigel noah noel norman oleg oliver omar
oscar otto owen pablo patrick paul pedro percy pete peter phil philip phillip pierre preston
quentin rafael raj rajesh ralph ramon randall randy raul ravi ray raymond reginald rene ricardo
richard rick ricky rob robert roberto robin rodney roger roland roman ron ronald ronnie rory ross
roy ruben rupert russell ryan salvador sam samir samuel santiago saul scott sean sebastian sergei
sergey sergio seth shane shaun sidney simon spencer stanley stefan stephen steve steven stewart
stuart sven ted terence terry theo theodore thomas tim timothy tobias toby todd tom tommy tony
travis trevor tristan tyler vernon victor vincent vladimir wade wallace walter warren wayne wesley
will william wyatt xavier yusuf zachary arun ashok hiroshi kenji rahul rohit sanjay suresh vijay
vikram wei
"""

EITHER_EN = """
alex alexis ariel avery billie blair bobbie casey charlie chris dakota dana drew eden emerson
finley frankie harley jaime jamie jay jean jesse jessie jo jordan jules kai kelly kelsey kendall
kerry kim lee leslie logan lou marion max mel morgan nicky noel pat peyton quinn reese riley robin
rowan sage sam sandy sasha shannon shawn sidney skyler stacy stevie sydney taylor terry tracy val
"""

FEMALE_LATIN = """
aida aigul ainur albina aleksandra alena alesya alfiya alisa aliya alyona alsu anastasia
anastasiia anastasiya angelika anzhela anzhelika arina asel asya daria dariya darya dasha diana
dilnoza dinara dzhamilya ekaterina elina elmira elvira evgenia evgeniia evgeniya galina galya
gulnara guzel inessa inga inna irina ira kamilla karina katya kira kristina ksenia kseniia kseniya
ksusha larisa lena lera lidia lidiya liliya lilia liubov lyubov lyudmila ludmila lyuda madina
margarita marianna mariia mariya marina masha mila milana nadezhda nadia nadya nastya natalia
nataliia nataliya natalya natasha nelli nigora nika nina oksana olesya olga olya polina raisa
renata rimma roza sabina snezhana sofiia sofiya sofya sonya sveta svetlana taisiya tamara tanya
tatiana tatyana ulyana valentina valeria valeriia valeriya vasilisa veronika viktoria viktoriia
viktoriya vika violetta yana yaroslava yekaterina yelena yevgeniya yulia yuliia yuliya zarina
zhanna zinaida zoya zulfiya iuliia
"""

MALE_LATIN = """
aleksandr aleksei aleksey alexei alexey alisher anatoliy anatoly andrei andrey anton arkady arman
arsen arseny artem artemiy artur artyom azamat bakhtiyar bogdan boris damir daniil danila danil
denis dima dmitrii dmitriy eduard eldar emil evgenii evgeniy evgeny fedor filipp gennady georgiy
georgy gleb grigory grisha igor ildar ilya ilnur kirill kolya konstantin kostya lev leonid maksim
marat matvey mikhail misha nikita nikolai nikolay oleg pavel petr petya pyotr radik ramil rashid
renat rinat rodion roma ruslan rustam semyon serezha sergei sergey serhii stanislav stas stepan
timofey timur vadim valentin valeriy valery vanya vasiliy vasily viktor vitaliy vitaly vlad
vladimir vladislav volodya vova vyacheslav yaroslav yegor yevgeny yura yuri yuriy yury zakhar
"""
