"""Messages before they leave: who wrote them, which checks they fail, what a model is told."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from vernis.decide.writing.model_health import BECAUSE
from vernis.decide.writing.prompt import Prompt
from vernis.domain import Company
from vernis.render.paper import paper
from vernis.stages.samples import Sample


def show_samples(samples: Sequence[Sample], company: Company) -> None:
    console = paper()
    if not samples:
        console.print("There is nobody to write to: import visits first.")
    for one in samples:
        who = f"[bold]{escape(one.client_name or 'no name')}[/bold] ({escape(one.client_key)})"
        tested = f", variant {escape(one.variant)}" if one.variant else ""
        author = author_of(one.template, one.model, one.fallback)
        console.print(f"{who}  {one.band}, {one.inactive_days} days away{tested}; by {author}")
        show_text(console, one.text, one.problems)
    passed = sum(not one.problems for one in samples)
    if samples:
        console.print(
            f"{passed} of {len(samples)} pass all checks. Nothing of this is stored or sent by"
            f" {escape(company.name)}."
        )


def show_prompt(prompt: Prompt) -> None:
    """Exactly what is sent, without a frame that would be copied with it."""
    console = paper()
    for title, text in (("Instructions", prompt.system), ("Message", prompt.user)):
        console.print(f"[bold]{title}[/bold]")
        console.print(Text(text), soft_wrap=True)
        console.print()


def show_text(console: Console, text: str, problems: Sequence[str]) -> None:
    """A message and what is wrong with it."""
    console.print(Padding(Text(text), (0, 0, 0, 2)))
    failed = f"fails: {', '.join(problems)}" if problems else "passes all checks"
    console.print(Padding(Text(f"{len(text)} characters, {failed}", style="dim"), (0, 0, 1, 2)))


def author_of(template: str | None, model: str | None, fallback: str | None) -> str | None:
    """Who wrote a message, in words; None where nobody has yet."""
    if model is not None:
        return escape(model)
    if template is None:
        return None
    return f"template {escape(template)}" + (f" ({escape(stood_in(fallback))})" if fallback else "")


def stood_in(fallback: str) -> str:
    """Why a template stood in for the model, in words."""
    return BECAUSE.get(fallback, f"the model's text failed: {fallback}")
