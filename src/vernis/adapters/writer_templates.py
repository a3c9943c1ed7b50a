"""The writer that always works: templates, no network."""

from collections.abc import Sequence

from vernis.decide.writing import message
from vernis.domain import Company, Draft, MessageFacts


class TemplateWriter:
    """Implements `vernis.ports.Writer` by the templates of `decide`."""

    async def write(self, company: Company, facts: Sequence[MessageFacts]) -> list[Draft]:  # noqa: ARG002
        return [message.write(one) for one in facts]
