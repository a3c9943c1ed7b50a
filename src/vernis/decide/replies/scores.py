"""How well replies were read: accuracy, macro-F1, demands to stop, what was taken for what."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from vernis.domain import RESPONSE_TYPE, Intent


@dataclass(slots=True)
class Scores:
    """Counts of (what a reply wants, what was read)."""

    counts: Counter[tuple[Intent, Intent]] = field(default_factory=Counter)

    def add(self, wanted: Intent, read: Intent) -> None:
        self.counts[wanted, read] += 1

    def __add__(self, other: "Scores") -> "Scores":
        return Scores(self.counts + other.counts)

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def accuracy(self) -> float:
        return self._share(lambda wanted, read: wanted == read)

    @property
    def response_type_accuracy(self) -> float:
        return self._share(lambda wanted, read: RESPONSE_TYPE[wanted] == RESPONSE_TYPE[read])

    @property
    def macro_f1(self) -> float:
        """The mean of F1 over the intents that occur among the wanted ones."""
        occurring = [intent for intent in Intent if self._wanted(intent)]
        each = [2 * self.counts[i, i] / (self._wanted(i) + self._read(i)) for i in occurring]
        return sum(each) / len(each) if each else 0.0

    def recall(self, intent: Intent) -> float | None:
        """Of those that want it, the share that was read so; None where nobody does."""
        wanted = self._wanted(intent)
        return self.counts[intent, intent] / wanted if wanted else None

    def precision(self, intent: Intent) -> float | None:
        """Of those that were read so, the share that wants it; None where none was."""
        read = self._read(intent)
        return self.counts[intent, intent] / read if read else None

    def line(self) -> str:
        """All figures in one line."""
        recall, precision = self.recall(Intent.OPT_OUT), self.precision(Intent.OPT_OUT)
        return (
            f"{self.total:>5} replies  intent {self.accuracy:.1%}"
            f"  response type {self.response_type_accuracy:.1%}  macro-F1 {self.macro_f1:.3f}"
            f"  opt_out recall {_percent(recall)} precision {_percent(precision)}"
        )

    def report(self) -> list[str]:
        """The figures, one a line, and the table."""
        recall, precision = self.recall(Intent.OPT_OUT), self.precision(Intent.OPT_OUT)
        return [
            f"replies               {self.total:>7}",
            f"accuracy              {self.accuracy:>7.1%}",
            f"response type         {self.response_type_accuracy:>7.1%}",
            f"macro-F1              {self.macro_f1:>7.3f}",
            f"recall of opt_out     {_percent(recall):>7}",
            f"precision of opt_out  {_percent(precision):>7}",
            "",
            *self.table().splitlines(),
        ]

    def table(self) -> str:
        """What was wanted in rows, what was read in columns, as text."""
        head = "wanted / read".ljust(15) + "".join(f"{intent[:12]:>13}" for intent in Intent)
        rows = [
            f"{wanted:<15}" + "".join(f"{self.counts[wanted, read] or '.':>13}" for read in Intent)
            for wanted in Intent
        ]
        return "\n".join([head, *rows])

    def _wanted(self, intent: Intent) -> int:
        return sum(count for (wanted, _), count in self.counts.items() if wanted == intent)

    def _read(self, intent: Intent) -> int:
        return sum(count for (_, read), count in self.counts.items() if read == intent)

    def _share(self, right: Callable[[Intent, Intent], bool]) -> float:
        hits = sum(count for pair, count in self.counts.items() if right(*pair))
        return hits / self.total if self.total else 0.0


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
