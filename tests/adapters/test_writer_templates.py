"""The template writer behind the port."""

from vernis.adapters.writer_templates import TemplateWriter
from vernis.decide.writing.message import write
from vernis.domain import Band, Company, Locale, MessageFacts
from vernis.ports import Writer


async def test_drafts_come_back_in_the_order_of_the_facts(company: Company) -> None:
    writer: Writer = TemplateWriter()
    facts = [
        MessageFacts(
            locale=Locale.RU, band=band, company_name="Лак", client_name=name, seed=len(name)
        )
        for band in Band
        for name in ("Анна", "Клиент 1")
    ]
    assert await writer.write(company, facts) == [write(one) for one in facts]
    assert await writer.write(company, []) == []
