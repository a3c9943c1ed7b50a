"""What the messages earned, in words that an owner understands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import floor, log10

from vernis.decide.attribution import LEAST_LAPSES, Estimate
from vernis.decide.earnings import Case, Earnings
from vernis.decide.files.values import currency_digits
from vernis.domain import Locale
from vernis.web.pages.catalog import N_, texts
from vernis.web.pages.said import filters, money

MINUS = "\N{MINUS SIGN}"

_BADGES: Mapping[Case, tuple[str, str]] = {
    Case.MORE: (N_("Proved"), "good"),
    Case.PROBABLY_MORE: (N_("Probably so"), "good"),
    Case.NOT_ENOUGH: (N_("Not proved yet"), "wait"),
    Case.TOO_EARLY: (N_("Too early to tell"), "wait"),
    Case.NO_DIFFERENCE: (N_("No difference"), "wait"),
    Case.NO_COMPARISON: (N_("Nothing to compare with"), "wait"),
    Case.PROBABLY_FEWER: (N_("Perhaps they do harm"), "bad"),
    Case.FEWER: (N_("They do harm"), "bad"),
    Case.NOTHING_SENT: (N_("No messages yet"), "wait"),
}
_CERTAIN: Mapping[Case, str] = {
    Case.NOTHING_SENT: N_("As soon as the first have left, it says here what they bring."),
    Case.MORE: N_("This is proved: chance does not explain such a difference."),
    Case.PROBABLY_MORE: N_(
        "It looks as if the messages do bring clients back. A few more weeks will show for certain."
    ),
    Case.PROBABLY_FEWER: N_(
        "It looks as if fewer come back than without messages. Read what clients answer; perhaps"
        " it is time for a pause."
    ),
    Case.FEWER: N_(
        "This is proved: fewer come back than without messages. Pause them and read what clients"
        " answer."
    ),
    Case.NO_COMPARISON: N_(
        "How many would have come back anyway is not known: there is no comparison group. It is"
        " switched on in the settings: then a small share of clients gets no messages on purpose."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`headline`: what came of it; `then`: what that is worth and how certain it is.

    `badge` says it in two words, of the kind good, wait or bad; `chance` tells the interval.
    """

    headline: str
    then: tuple[str, ...]
    badge: str
    kind: str
    chance: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Says it in a language. `by_visits`: clients are counted who came, not who booked.

    `booked` of the last `days` days are told where nothing can be compared; all where `days` is
    None.
    """

    locale: Locale
    currency: str
    by_visits: bool
    attribution_days: int
    booked: int = 0
    days: int | None = None

    def tell(self, found: Earnings) -> Told:
        badge, kind = _BADGES[found.case]
        return Told(
            headline=self._headline(found),
            then=tuple(self._then(found)),
            badge=self._say(badge),
            kind=kind,
            chance=self._chance(found),
        )

    # --- what came of it --------------------------------------------------------------------------

    def _headline(self, found: Earnings) -> str:
        if found.case is Case.NOTHING_SENT:
            return self._say(N_("No messages have been sent yet."))
        if found.came is None or found.would_have is None:
            return self._booked()
        came = self._came(found.came, found.out_of)
        return f"{came}, {self._would_have(found.would_have, found.out_of)}."

    def _booked(self) -> str:
        ngettext = texts(self.locale).ngettext
        period = self._say(N_("So far"))
        if self.days is not None:
            period = ngettext("In %(num)s day", "In %(num)s days", self.days) % {"num": self.days}
        said = ngettext(
            "%(period)s %(num)s client booked after a message.",
            "%(period)s %(num)s clients booked after a message.",
            self.booked,
        )
        if not self.booked:
            said = self._say(N_("%(period)s nobody booked after a message."))
        return said % {"num": self._number(self.booked), "period": period}

    def _came(self, number: int, out_of: int) -> str:
        ngettext = texts(self.locale).ngettext
        if self.by_visits:
            said = ngettext(
                "So far %(num)s of %(out_of)s clients came back with messages",
                "So far %(num)s of %(out_of)s clients came back with messages",
                number,
            )
            nobody = N_("So far nobody came back with messages")
        else:
            said = ngettext(
                "So far %(num)s of %(out_of)s clients booked with messages",
                "So far %(num)s of %(out_of)s clients booked with messages",
                number,
            )
            nobody = N_("So far nobody booked with messages")
        return self._counted(said if number else self._say(nobody), number, out_of)

    def _would_have(self, number: int, out_of: int) -> str:
        ngettext = texts(self.locale).ngettext
        if self.by_visits:
            said = ngettext(
                "without messages %(num)s of %(out_of)s would have come back",
                "without messages %(num)s of %(out_of)s would have come back",
                number,
            )
            nobody = N_("without messages nobody would have come back")
        else:
            said = ngettext(
                "without messages %(num)s of %(out_of)s would have booked",
                "without messages %(num)s of %(out_of)s would have booked",
                number,
            )
            nobody = N_("without messages nobody would have booked")
        return self._counted(said if number else self._say(nobody), number, out_of)

    # --- what it is worth, and how certain that is ------------------------------------------------

    def _then(self, found: Earnings) -> Iterator[str]:
        doubtful = found.case is Case.NOT_ENOUGH and (found.difference or 0) <= 0
        if found.visits is not None and not doubtful:
            yield self._worth(found.visits, found.revenue_minor)
        match found.case:
            case Case.NOT_ENOUGH:
                yield from self._not_enough(found)
            case Case.TOO_EARLY:
                yield from self._too_early(found)
            case Case.NO_DIFFERENCE:
                said = N_(
                    "There is no difference: if the messages brought back even %(num)s more of 100"
                    " clients, it would show by now."
                )
                yield self._say(said) % {"num": found.worthwhile}
            case case:
                yield self._say(_CERTAIN[case])

    def _worth(self, visits: Estimate, revenue: Estimate | None) -> str:
        ngettext = texts(self.locale).ngettext
        number = round(visits.value)
        said = ngettext("%(num)s visit", "%(num)s visits", number) % {"num": self._signed(number)}
        if revenue is None:
            return self._say(N_("That is about %(visits)s.")) % {"visits": said}
        paid = money(round(abs(self._rough(revenue.value))), self.currency, self.locale)
        paid = f"{MINUS if revenue.value < 0 else '+'}{paid}"
        said_both = N_("That is about %(visits)s and %(money)s.")
        return self._say(said_both) % {"visits": said, "money": paid}

    def _not_enough(self, found: Earnings) -> Iterator[str]:
        ngettext = texts(self.locale).ngettext
        number = found.more_clients
        if (found.difference or 0) <= 0:
            yield self._say(N_("No difference is to be seen so far, but it is too early to judge."))
            said = ngettext(
                "To judge, about %(num)s more client is needed in the comparison group.",
                "To judge, about %(num)s more clients are needed in the comparison group.",
                number or 0,
            )
        else:
            said = ngettext(
                "Not proved yet: about %(num)s more client is needed in the comparison group.",
                "Not proved yet: about %(num)s more clients are needed in the comparison group.",
                number or 0,
            )
        if not number:
            yield self._say(N_("A few more weeks are needed."))
            return
        yield said % {"num": self._number(number)}
        if found.more_weeks:
            said = ngettext(
                "At the present pace that takes about %(num)s week.",
                "At the present pace that takes about %(num)s weeks.",
                found.more_weeks,
            )
            yield said % {"num": found.more_weeks}

    def _too_early(self, found: Earnings) -> Iterator[str]:
        ngettext = texts(self.locale).ngettext
        written, held_out = found.compared
        said = N_(
            "It is too early to judge what the messages brought: at least %(least)s clients of each"
            " kind are needed to compare (written to so far: %(written)s, not written to on"
            " purpose: %(held_out)s)."
        )
        counts = {"written": self._number(written), "held_out": self._number(held_out)}
        yield self._say(said) % (counts | {"least": LEAST_LAPSES})
        said = ngettext(
            "A client counts from %(num)s day after the message on.",
            "A client counts from %(num)s days after the message on.",
            self.attribution_days,
        )
        yield said % {"num": self.attribution_days}

    def _chance(self, found: Earnings) -> str | None:
        if found.low is None or found.high is None:
            return None
        said = N_("Chance included: from %(low)s to %(high)s of every %(out_of)s clients.")
        ends = {"low": self._signed(round(found.low)), "high": self._signed(round(found.high))}
        return self._say(said) % (ends | {"out_of": self._number(found.out_of)})

    # --- numbers ----------------------------------------------------------------------------------

    def _say(self, text: str) -> str:
        return texts(self.locale).gettext(text)

    def _counted(self, text: str, number: int, out_of: int) -> str:
        return text % {"num": number, "out_of": self._number(out_of)}

    def _number(self, number: int) -> str:
        return filters(self.locale)["number"](number)

    def _signed(self, number: int) -> str:
        """+54, −3, 0."""
        sign = MINUS if number < 0 else "+" if number else ""
        return f"{sign}{self._number(abs(number))}"

    def _rough(self, minor: float) -> float:
        """To three digits, or whole units: an estimate is not known to the last rouble."""
        unit = 10.0 ** currency_digits(self.currency)
        step = unit * 10.0 ** max(0, floor(log10(max(abs(minor) / unit, 1))) - 2)
        return step * round(minor / step)
