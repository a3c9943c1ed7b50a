"""Service titles and the industry standard that each falls under, or none."""

from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernis.decide.services.standards import THRESHOLD, match, standards
from vernis.decide.services.words import WORDS

DATA = Path(__file__).parent / "data"


def corpus(name: str) -> list[tuple[str, str | None, str | None]]:
    """Title, expected key (None for no standard) and the CRM's category, if it is given."""
    rows = []
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        title, key, *category = line.split("\t")
        rows.append((title, None if key == "-" else key, category[0] if category else None))
    return rows


def key_of(title: str, category: str | None = None) -> str | None:
    found = match(title, category=category)
    return found.standard.category_key if found else None


def test_the_sixteen_standards_are_read_from_the_packaged_file() -> None:
    assert len(standards()) == 16
    male = standards()[0]
    assert (male.category_key, male.interval_days, male.min_days, male.max_days) == (
        "haircut_male",
        28,
        21,
        35,
    )
    assert male.keywords == ("стрижка", "мужская", "мужск")
    assert male.service_type == "hair"
    assert male.confidence == 0.75
    assert all(row.min_days <= row.interval_days <= row.max_days for row in standards())


@pytest.mark.parametrize("name", ["titles_seen.tsv", "titles_blind.tsv", "titles_unseen.tsv"])
def test_titles_are_matched_with_high_precision_and_recall(name: str) -> None:
    decided = [(expected, key_of(title, category)) for title, expected, category in corpus(name)]
    right = sum(found is not None and found == expected for expected, found in decided)
    found = sum(found is not None for _, found in decided)
    wanted = sum(expected is not None for expected, _ in decided)
    assert right / found >= 0.99
    assert right / wanted >= 0.98


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("Наращивание волос", "hair_extensions"),
        ("Наращивание ногтей", None),
        ("Наращивание ресниц", None),
        ("Женская стрижка", "haircut_female"),
        ("Мужская стрижка", "haircut_male"),
        ("Стрижка", None),
        ("Детская стрижка", None),
        ("Стрижка чёлки", None),
        ("Стрижка бороды", "beard"),
        ("Удаление бородавки", None),
        ("Ботокс для волос", "botox_hair"),
        ("Ботокс для ресниц", None),
        ("Массаж лица", "massage_face"),
        ("Массаж спины", None),
        ("Окрашивание бровей", None),
        ("Педикюр с гель-лаком", "pedicure"),
        ("Снятие гель-лака", None),
        ("Снятие гель-лака + маникюр", "manicure_regular"),
        ("Маникюр без покрытия", "manicure_regular"),
        ("Обучение маникюру", None),
        ("Доплата за густоту волос", None),
        ("Пилинг кожи головы", None),
    ],
)
def test_words_decide_and_not_parts_of_words(title: str, key: str | None) -> None:
    assert key_of(title) == key


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("Педикюр + маникюр", "pedicure"),
        ("Маникюр + педикюр", "manicure_regular"),
        ("Чистка лица + пилинг", "facial"),
        ("Подмышки + бикини", "epilation_underarms"),
        ("Женская стрижка + окрашивание", "haircut_female"),
        ("Стрижка + окрашивание", "coloring"),
        ("Борода + стрижка", "haircut_male"),
        ("Тонирование + балаяж", "balayage"),
        ("Массаж тела + массаж лица", None),
    ],
)
def test_of_several_services_the_first_with_a_standard_decides(title: str, key: str | None) -> None:
    assert key_of(title) == key


@pytest.mark.parametrize(
    ("title", "category", "key"),
    [
        ("Стрижка", "Барбершоп", "haircut_male"),
        ("Стрижка", "Женский зал", "haircut_female"),
        ("Женская стрижка", "Барбершоп", "haircut_female"),
        ("Аппаратный", "Педикюр", "pedicure"),
        ("Покрытие гель-лак", "Педикюр", None),
        ("Омбре", "Дизайн ногтей", None),
        ("Бёдра", "Шугаринг", "epilation_legs"),
        ("Бёдра", "Массаж", None),
        ("Окрашивание", "Брови", None),
        ("Маникюр классический", "Волосы", "manicure_regular"),
        ("Окрашивание волос", "Обучение", None),
    ],
)
def test_a_category_completes_a_title_and_never_overrules_it(
    title: str, category: str, key: str | None
) -> None:
    assert key_of(title, category) == key


def test_a_typo_is_forgiven_at_a_price() -> None:
    right, wrong = match("Мужская стрижка"), match("Мужская стирижка")
    assert right
    assert wrong
    assert right.standard is wrong.standard
    assert THRESHOLD <= wrong.confidence < right.confidence <= 1


def test_every_word_pattern_has_one_meaning() -> None:
    patterns = [word.lstrip("~") for words in WORDS.values() for word in words.split()]
    assert sorted(patterns) == sorted(set(patterns))


@given(st.text(max_size=60), st.none() | st.text(max_size=30))
def test_any_text_has_an_answer(title: str, category: str | None) -> None:
    found = match(title, category=category)
    assert found is None or (found.standard in standards() and THRESHOLD <= found.confidence <= 1)


@given(
    st.lists(
        st.sampled_from([w for words in WORDS.values() for w in words.split()] + list("+,/()"))
    )
)
def test_any_mix_of_known_words_has_an_answer(words: list[str]) -> None:
    match(" ".join(word.strip("~*") for word in words))


TITLES = corpus("titles_seen.tsv") + corpus("titles_blind.tsv")


@given(
    st.sampled_from(TITLES),
    st.sampled_from([str.upper, str.lower, str.title, lambda title: title.replace("ё", "е")]),
    st.sampled_from(["", "  ", "★ ", "💅 ", "!!! ", "NEW! ", "Акция: "]),
    st.sampled_from(
        ["", "  ", ".", " 1500 руб.", " (60 мин)", " // топ-мастер", " от 2 000 ₽", " 💈"]
    ),
)
def test_case_yo_and_surrounding_noise_do_not_matter(
    row: tuple[str, str | None, str | None],
    change: Callable[[str], str],
    before: str,
    after: str,
) -> None:
    title, _, category = row
    assert match(before + change(title) + after, category=category) == match(
        title, category=category
    )


@pytest.mark.parametrize(
    "title",
    [
        "Женская стрижка короткая",
        "Мужская модельная стрижка",
        "Глубокое бикини шугаринг",
        "Восковая депиляция ног",
        "Тонирование волос короткие",
        "Капсульное наращивание волос",
        "Скульптурный массаж лица",
        "Классический аппаратный педикюр",
        "Ультразвуковая чистка лица",
    ],
)
def test_the_order_of_words_does_not_matter_for_one_service(title: str) -> None:
    assert len({key_of(" ".join(words)) for words in permutations(title.split())}) == 1
    assert key_of(title)
