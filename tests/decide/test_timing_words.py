import pytest

from vernis.decide.timing.words import sentence
from vernis.domain import Interval, Locale, Source


def interval(source: Source, **evidence: int) -> Interval:
    return Interval(
        days=26, low=24, high=31, source=source, confidence=0.8, evidence=dict(evidence)
    )


@pytest.mark.parametrize(
    ("found", "locale", "text"),
    [
        (
            interval(Source.PERSONAL, visits=4, shortest=24, longest=29),
            Locale.RU,
            "Ждём через 24–31 день после визита: 4 визита, каждые 24–29 дней.",
        ),
        (
            interval(Source.PERSONAL, visits=4, shortest=24, longest=29),
            Locale.EN,
            "Expected 24–31 days after the visit: 4 visits, every 24 to 29 days.",
        ),
        (
            interval(Source.SERVICE_AVERAGE, visits=1, returns=212),
            Locale.RU,
            "Ждём через 24–31 день после визита: пока один визит; так возвращаются клиенты"
            " на эту услугу (212 возвращений).",
        ),
        (
            interval(Source.INDUSTRY_STANDARD, visits=1),
            Locale.EN,
            "Expected 24–31 days after the visit: one visit so far; as is usual for this service.",
        ),
        (
            interval(Source.UNIVERSAL, visits=2, shortest=21, longest=21),
            Locale.RU,
            "Ждём через 24–31 день после визита: 2 визита, каждые 21 день; обычный срок, пока"
            " данных мало.",
        ),
        (
            interval(Source.OWN, visits=2, shortest=21, longest=21),
            Locale.RU,
            "Ждём через 24–31 день после визита: 2 визита, каждые 21 день; срок для этой услуги"
            " задали вы: 26 дней.",
        ),
        (
            interval(Source.PERSONAL, visits=2, shortest=400, longest=7300),
            Locale.EN,
            "Expected 24–31 days after the visit: 2 visits, every 400 days.",
        ),
    ],
)
def test_the_window_and_its_evidence_are_one_sentence(found, locale, text):
    assert sentence(found, locale) == text
