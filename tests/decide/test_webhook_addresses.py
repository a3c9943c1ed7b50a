"""Where a webhook may lead."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as some

from vernis.decide.webhook_addresses import refusal, target
from vernis.errors import UsageError

NEVER = [
    "0.0.0.0",  # this host
    "0.1.2.3",
    "169.254.0.1",  # link-local
    "169.254.169.254",  # metadata: AWS, Azure, Google, DigitalOcean, ...
    "169.254.170.2",  # credentials of containers on ECS
    "168.63.129.16",  # Azure's wire server
    "100.100.100.200",  # Alibaba's metadata
    "192.0.0.1",
    "192.0.0.192",  # Oracle's metadata
    "192.0.2.1",  # documentation
    "198.51.100.7",
    "203.0.113.9",
    "192.88.99.1",  # relays of 6to4
    "224.0.0.1",  # multicast
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "fe80::1",  # link-local
    "fe80::a9fe:a9fe",
    "febf:ffff::1",
    "fec0::1",  # site-local, of old
    "ff02::1",  # multicast
    "fd00:ec2::254",  # AWS's metadata
    "fd20:ce::254",  # Google's
    "::ffff:127.0.0.1",  # IPv4 in IPv6
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",  # NAT64
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::1",  # 6to4 of 127.0.0.1
    "2002:a00:1::1",
    "2002:a9fe:a9fe::1",
    "2001:0:7f00:1::1",  # Teredo
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:10::1",
    "2001:db8::1",  # documentation
    "3fff::1",
    "100::1",  # discarded
    "4000::1",
    "fe80::1%eth0",
    "2606:4700::1111%1",
    "not an address",
    "127.1",
]
OUR_OWN = [
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",  # carriers
    "100.127.255.254",
    "127.0.0.1",
    "127.0.0.53",
    "127.255.255.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "::1",
    "fc00::1",
    "fd12:3456:789a::1",
]
EVERYBODYS = [
    "1.1.1.1",
    "8.8.8.8",
    "77.88.55.242",
    "100.63.255.255",
    "100.128.0.1",
    "128.0.0.1",
    "168.63.129.17",
    "172.15.255.255",
    "172.32.0.1",
    "192.167.255.255",
    "198.17.255.255",
    "223.255.255.254",
    "2606:4700:4700::1111",
    "2a02:6b8::2:242",
    "2001:4860:4860::8888",
    "2620:fe::fe",
]


@pytest.mark.parametrize("address", NEVER)
def test_nothing_is_sent_to_what_is_no_machine_on_the_internet(address: str) -> None:
    assert refusal(address)
    assert refusal(address, private=True)


@pytest.mark.parametrize("address", OUR_OWN)
def test_a_private_address_is_refused_unless_the_setting_allows_it(address: str) -> None:
    assert refusal(address)
    assert refusal(address, private=True) is None


@pytest.mark.parametrize("address", EVERYBODYS)
def test_an_address_on_the_internet_is_called(address: str) -> None:
    assert refusal(address) is None


@given(some.ip_addresses())
def test_what_python_does_not_call_global_is_never_called(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if refusal(address) is None:
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_reserved
        assert not address.is_link_local


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "authority"),
    [
        ("https://example.com", "example.com", 443, "/", "example.com"),
        ("https://Example.COM/hook?a=b", "example.com", 443, "/hook?a=b", "example.com"),
        ("https://example.com.:8443/x", "example.com", 8443, "/x", "example.com:8443"),
        ("https://салон.рф/вебхук", "xn--80awgdm.xn--p1ai", 443, "/вебхук", None),
        ("https://8.8.8.8/x", "8.8.8.8", 443, "/x", "8.8.8.8"),
        ("https://[2606:4700::1]/x", "2606:4700::1", 443, "/x", "[2606:4700::1]"),
        ("https://my_hooks.example.com/", "my_hooks.example.com", 443, "/", None),
    ],
)
def test_a_url_is_taken_apart(
    url: str, host: str, port: int, path: str, authority: str | None
) -> None:
    found = target(url)
    assert (found.host, found.port, found.path) == (host, port, path)
    assert authority is None or found.authority == authority


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com/hook",
        "//example.com",
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "https://",
        "https:///path",
        "https://user@example.com/",
        "https://user:pass@example.com/",
        "https://example.com@127.0.0.1/",
        "https://127.0.0.1#@example.com/",
        "https://example.com/#part",
        "https://example.com\\@127.0.0.1/",
        "https://exam ple.com/",
        "https://example.com/a b",
        "https://example.com/\r\nHost: a",
        "https://example.com:22/",
        "https://example.com:6379/",
        "https://example.com:80/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://example.com:x/",
        "https://-a.example.com/",
        "https://a..example.com/",
        "https://exa%6dple.com/",
        "https://example.com/" + "a" * 2000,
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fe80::1%25eth0]/",
        "https://[example.com]/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://127.0.1/",
        "https://2130706433/",  # 127.0.0.1 as one number
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://0x7f.0x0.0x0.0x1/",
        "https://0177.0.0.1/",  # octal
        "https://017700000001/",
        "https://127.0.0.1./",
        "https://127.0.0.01/",
        "https://1.1.1.0x1/",
        "https://0/",
        "https://127.0.0.256/",
        "https://１２７.０.０.１/",  # full-width digits
        "https://127。0。0。1/",
        "https://①②⑦.⓪.⓪.①/",
        "https://169.254.169.254/latest/meta-data/",
    ],
)
def test_a_url_that_leads_elsewhere_than_it_says_is_refused_in_a_sentence(url: str) -> None:
    with pytest.raises(UsageError, match=r"\.$|hook\.$"):
        target(url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/x", "http://localhost/x", "https://10.0.0.1:9000/"]
)
def test_the_setting_for_trying_out_allows_http_any_port_and_the_own_network(url: str) -> None:
    assert target(url, private=True)


@given(some.text())
def test_any_text_is_taken_apart_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://{text}/hook"):
        try:
            target(url)
        except UsageError:
            continue
