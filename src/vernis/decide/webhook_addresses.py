"""Where a webhook may lead: never into the network that we are in.

The ranges are those of IANA's special-purpose registries for IPv4 and IPv6 (RFC 6890 and what was
entered since), and the addresses at which clouds tell a machine its own secrets.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from vernis.errors import UsageError

PORTS = {443, 8443}
LONGEST = 2000  # characters of a URL
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]


def _networks(*texts: str) -> Networks:
    return tuple(ipaddress.ip_network(text) for text in texts)


# Never, whatever is allowed: where clouds keep metadata, and what is no machine's address.
_NOBODYS = _networks(
    "0.0.0.0/8",
    "169.254.0.0/16",  # link-local; 169.254.169.254 on AWS, Azure, Google and others
    "168.63.129.16/32",  # Azure's wire server: global by its number only
    "100.100.100.200/32",  # Alibaba's metadata
    "192.0.0.0/24",  # protocol assignments; 192.0.0.192 is Oracle's metadata
    "192.0.2.0/24",
    "192.88.99.0/24",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "fd00:ec2::/32",  # AWS's metadata
    "fd20:ce::/32",  # Google's
    "fe80::/10",
    "ff00::/8",
)
# Our own, or our neighbours'.
_PRIVATE = _networks(
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "::1/128",
    "fc00::/7",
)
# Of IPv6 only this is for everybody, and in it these are not. 6to4 and Teredo hold an IPv4 address.
_GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")
_NOT_GLOBAL = _networks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A URL taken apart. `host` is lower-case ASCII, an IPv6 address without brackets; `path` holds
    the query as well."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.scheme == "https" else 80
        return host if self.port == usual else f"{host}:{self.port}"


def target(url: str, *, private: bool = False) -> Target:
    """Take a webhook's URL apart. Raises UsageError that says what to change.

    `private` allows http, any port, and addresses of the own network.
    """
    if not url.isascii() and not url.isprintable():
        raise UsageError("The webhook's URL has characters in it that no URL has.")
    if len(url) > LONGEST or re.search(r"[\x00-\x20\x7f\\]", url):
        raise UsageError(
            f"A webhook's URL has at most {LONGEST} characters, and no spaces or backslashes."
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UsageError("The webhook's URL cannot be read: https://example.com/hook.") from None
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise UsageError("A webhook's URL starts with https://.")
    if "@" in parts.netloc:
        raise UsageError("A webhook's URL has no user and password: deliveries are signed instead.")
    if "#" in url:
        raise UsageError("A webhook's URL has no # in it.")
    if port is None:
        port = 443 if parts.scheme == "https" else 80
    if port == 0 or (port not in PORTS and not private):
        raise UsageError("A webhook is called on port 443 or 8443.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = _host(parts.netloc, parts.hostname)
    literal = address_in(host)
    if literal is not None and (why := refusal(literal, private=private)):
        raise UsageError(f"A webhook cannot lead to {host}: {why}.")
    return Target(scheme=parts.scheme, host=host, port=port, path=path)


def address_in(host: str) -> Address | None:
    """The address that a host of `target` is, None where it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def refusal(address: Address | str, *, private: bool = False) -> str | None:
    """Why nothing is sent to an address; None where it may be."""
    if isinstance(address, str):
        try:
            address = ipaddress.ip_address(address)
        except ValueError:
            return "it is no address"
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        return "it is valid on one network only"
    if _is_in(address, _NOBODYS):
        return "it is no machine's address on the Internet"
    if _is_in(address, _PRIVATE):
        return None if private else "it is an address of a private network"
    if isinstance(address, ipaddress.IPv6Address):
        if address not in _GLOBAL_IPV6 or _is_in(address, _NOT_GLOBAL):
            return "it is no machine's address on the Internet"
    elif not address.is_global:  # what a newer registry has
        return "it is no machine's address on the Internet"
    return None


def _is_in(address: Address, networks: Networks) -> bool:
    return any(address.version == one.version and address in one for one in networks)


def _host(netloc: str, hostname: str | None) -> str:
    """As a resolver takes it: what looks like a number must be an address as everybody writes it,
    or one library reads it so and another one otherwise."""
    if not hostname or "%" in netloc:
        raise _unreadable()
    if "[" in netloc:
        try:
            return str(ipaddress.IPv6Address(hostname))
        except ValueError:
            raise _unreadable() from None
    try:
        host = hostname.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        raise _unreadable() from None
    labels = host.split(".")
    if labels[-1].isdigit() or re.fullmatch(r"0x[0-9a-f]*", labels[-1]):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            raise UsageError(
                "The webhook's host is a number: write the address as 192.0.2.1, or its name."
            ) from None
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _unreadable()
    return host


def _unreadable() -> UsageError:
    return UsageError("The webhook's URL has no host that can be read: https://example.com/hook.")
