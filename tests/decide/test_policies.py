import re
from datetime import time

import pytest

from vernis.decide.policies import WayOut, countries, policy_of

EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
MARKETS = "RU KZ BY UA GB US CA IL AE TR AM GE RS"


@pytest.mark.parametrize("country", [*countries(), "ZZ"])
def test_a_pack_is_whole(country):
    policy = policy_of(country)

    assert time(7) <= policy.earliest < policy.latest <= time(22)
    assert policy.soft_opt_in_days is None or 90 <= policy.soft_opt_in_days <= 1095
    assert set(policy.closed_weekdays) < set(range(1, 8))
    assert len(policy.source) > 20
    # an unusual hour or day has a rule to name
    usual = (policy.earliest, policy.latest) == (time(8), time(21)) and not policy.closed_weekdays
    assert usual or policy.hours_source


def test_every_country_of_the_first_markets_has_a_pack():
    assert {*EU.split(), *MARKETS.split()} <= set(countries())
    assert all(re.fullmatch("[A-Z]{2}", country) for country in countries())


@pytest.mark.parametrize(
    ("country", "required", "way_out"),
    [
        ("RU", True, WayOut.FIRST),
        ("US", True, WayOut.EVERY),
        ("PL", True, WayOut.EVERY),
        ("DE", False, WayOut.EVERY),
        ("GB", False, WayOut.EVERY),
        ("CA", False, WayOut.EVERY),
        ("ZZ", True, WayOut.EVERY),  # nothing is known: as strict as can be
    ],
)
def test_what_a_new_company_starts_with(country, required, way_out):
    policy = policy_of(country)

    assert policy.consent_required is required
    assert policy.way_out is way_out
