import pytest

from vernis.decide.zones import zone_of


@pytest.mark.parametrize(
    ("phone", "country", "stated", "zone"),
    [
        ("79990000001", "RU", "Asia/Omsk", "Asia/Omsk"),
        ("79990000001", "RU", None, None),  # a mobile from anywhere in Russia
        ("79990000001", "RU", "Omsk", None),
        (None, "RU", "Asia/Omsk", "Asia/Omsk"),
        (None, "RU", None, None),
        ("375290000001", "RU", None, "Europe/Minsk"),  # a country with one zone
        ("971500000001", "RU", None, "Asia/Dubai"),
        ("79990000001", "DE", None, None),
        ("14165550101", "CA", None, "America/Toronto"),  # an area with one zone
        ("12125550101", "CA", None, "America/New_York"),
        ("8005550101", "US", None, None),  # no number
        ("12", "US", None, None),
    ],
)
def test_a_clients_zone_is_what_was_stated_or_what_the_number_says(phone, country, stated, zone):
    assert zone_of(phone, country, stated) == zone
