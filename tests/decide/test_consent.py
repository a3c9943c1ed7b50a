from datetime import date

import pytest
from salons import salon

from vernis.decide.consent import Kind, evidence

ON = date(2026, 3, 17)
BASIS = {"consent_basis": "a signed form", "consent_basis_on": date(2023, 1, 1)}
REQUIRED = {"consent_required": True}


@pytest.mark.parametrize(
    ("settings", "consent", "visit", "expected"),
    [
        # Russia: nothing but consent, or the company's word for how it got it
        (REQUIRED, "unknown", "2026-03-01", None),
        (REQUIRED, "given", "2020-01-01", Kind.GIVEN),
        (REQUIRED | BASIS, "unknown", "2020-01-01", Kind.BASIS),
        (REQUIRED | BASIS, "given", "2026-03-01", Kind.GIVEN),
        ({}, "unknown", "2026-03-01", Kind.NOT_REQUIRED),  # the company has said so
        # no is no
        ({}, "refused", "2026-03-01", None),
        (BASIS, "refused", "2026-03-01", None),
        ({"country": "DE"}, "refused", "2026-03-01", None),
        # existing customers, for a while
        ({"country": "DE"}, "unknown", "2025-03-17", Kind.SOFT_OPT_IN),
        ({"country": "DE"}, "unknown", "2025-03-16", None),
        ({"country": "DE"}, "unknown", None, None),
        ({"country": "DE"} | REQUIRED, "unknown", "2026-03-01", None),
        ({"country": "DE"} | BASIS, "unknown", "2020-01-01", Kind.BASIS),
        ({"country": "CA"}, "unknown", "2024-03-17", Kind.SOFT_OPT_IN),
        ({"country": "CA"}, "unknown", "2024-03-16", None),
    ],
)
def test_what_a_message_may_rely_on(settings, consent, visit, expected):
    last_visit_on = date.fromisoformat(visit) if visit else None

    found = evidence(salon(**settings), consent=consent, last_visit_on=last_visit_on, on=ON)

    assert (found.kind if found else None) is expected


@pytest.mark.parametrize(
    ("settings", "client", "expected"),
    [
        (
            {},
            {"consent": "given", "consent_source": "file", "consent_on": date(2025, 5, 1)},
            {"kind": "given", "source": "file", "on": "2025-05-01"},
        ),
        ({}, {"consent": "given"}, {"kind": "given", "source": "unstated", "on": None}),
        (
            BASIS,
            {"consent": "unknown"},
            {"kind": "basis", "source": "a signed form", "on": "2023-01-01"},
        ),
    ],
)
def test_the_evidence_has_a_kind_a_source_and_a_day(settings, client, expected):
    found = evidence(salon(**settings), **client, last_visit_on=ON, on=ON)

    assert found.as_dict() == expected


def test_a_soft_opt_in_names_the_law_and_the_visit():
    visit = date(2026, 3, 1)

    found = evidence(salon(country="DE"), consent="unknown", last_visit_on=visit, on=ON)

    assert "UWG" in found.source
    assert found.on == visit
