"""Reads YClients' API Blueprint as far as the simulator is checked against it: sections by method
and path, their parameters, attributes and example bodies. The examples are no valid JSON here and
there; what a reader would mend is mended."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

DESCRIPTION = Path(__file__).parents[3] / "shared/specs/yclients/yclientsru.apib"

_HEADING = re.compile(r"^(#{1,3}) ?(.*)$")
_TARGET = re.compile(r"\[(?:(GET|POST|PUT|DELETE) ?)?(/[^\]]*)?\]\s*$")
_PARAMETER = re.compile(r"^\s*\+ (\w+)(?:\[\])?\s*[:(].*")
_ATTRIBUTE = re.compile(
    r"^\s+\+ (\w+).*?\((required|optional), ([\w\[\]]+)\)|^\s+\+ (\w+)[^(]*\((\w+)\)"
)
_ROW = re.compile(r"^\|\s*(\w+)\s*\|\s*([^|]+?)\s*\|")


@dataclass(frozen=True, kw_only=True)
class Section:
    """A request: `target` as its heading has it, `text` its own, `above` what it stands beneath."""

    method: str
    target: str
    text: str
    above: str
    group: str

    @property
    def path(self) -> str:
        return re.sub(r"\{\?.*", "", self.target).rstrip("/")

    @property
    def needs_user(self) -> bool:
        return "User user_token" in self.text

    @cached_property
    def parameters(self) -> set[str]:
        """Of the query: those of the heading and those that are listed before the request."""
        named = re.search(r"\{\?([^}]*)\}", self.target)
        listed = (self.above + self.text.split("+ Request")[0]).splitlines()
        found = {match[1] for line in listed if (match := _PARAMETER.match(line))}
        in_path = set(re.findall(r"\{(\w+)\}", self.target))
        return (found | set(named[1].split(",") if named else [])) - in_path

    @cached_property
    def attributes(self) -> dict[str, tuple[bool, str]]:
        """Fields of the request's body: whether it is required, and its type."""
        request = self.text.partition("+ Request")[2].partition("+ Response")[0]
        lines = request.partition("+ Attributes")[2].partition("+ Headers")[0].splitlines()[1:]
        found = {}
        for line in lines:
            if match := _ATTRIBUTE.match(line):
                found[match[1] or match[4]] = (match[2] == "required", match[3] or match[5])
        return found

    @property
    def bodies(self) -> dict[int, Any]:
        """Example answers by status, those that can be read; the first of each."""
        found: dict[int, Any] = {}
        for part in self.text.split("+ Response ")[1:]:
            status, _, rest = part.partition(" ")
            start = rest.find("{")
            if start >= 0 and int(status) not in found:
                found[int(status)] = mended(rest[start:])
        return found

    @property
    def request(self) -> Any:
        """The example body of the request."""
        part = self.text.partition("+ Request")[2].partition("+ Response")[0].partition("+ Body")[2]
        return mended(part[min(at for at in (part.find("{"), part.find("[")) if at >= 0) :])


def sections(text: str) -> Iterator[Section]:
    group = above = heading = ""
    chunks = re.split(r"(?m)^(?=#{1,3}[ \w])", text)
    for chunk in chunks:
        first, _, body = chunk.partition("\n")
        match = _HEADING.match(first)
        if match is None:
            continue
        level, title = len(match[1]), match[2]
        if level == 1:
            group, above, heading = body, "", ""
            continue
        target = _TARGET.search(title)
        if level == 2 or target is None:
            above, heading = body, (target and target[2]) or heading
        if target is not None and target[1]:
            yield Section(
                method=target[1],
                target=target[2] or heading,
                text=body,
                above=above,
                group=group,
            )


def fields_of_table(text: str) -> set[str]:
    return {match[1] for line in text.splitlines() if (match := _ROW.match(line))}


def mended(text: str) -> Any:
    """The JSON that this begins with, or None where it is past mending."""
    text = re.sub(r"^\{\s*\"success\": true,\s*\"data\": \[(?=\s*\"events\")", "{", text)
    text = re.sub(r"(?m)^(\s*)(meta)(?=:)", r'\1"\2"', text)
    text = re.sub(r'"message": (?=[^"\s])', '"message": "', text)
    text = re.sub(r'("address": "[^"\n]*),\s*$', r'\1",', text, flags=re.MULTILINE)
    text = re.sub(r'(["\d\]}el])[ \t]*\n(\s*["{\[])', r"\1,\n\2", text)
    text = re.sub(r",(\s*[}\]])", r"\1", text)
    text = re.sub(r"([{\[]),", r"\1", text)
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except ValueError:
        return None
