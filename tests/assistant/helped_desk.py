"""A front desk with a model beside it."""

from dataclasses import dataclass
from typing import Any

from fake_models import Asked, FakeModel
from front_desk import Desk
from outbox import hash_phone

from vernis.ports import Assistant
from vernis.stages import reception
from vernis.stages.reception import Turn


@dataclass
class HelpedDesk:
    """`says` is one turn of the client, with the model asked where it is to be asked."""

    desk: Desk
    assistant: Assistant
    fake: FakeModel

    async def says(self, *texts: str | None, **values: Any) -> Turn | None:
        dialog_id = await self.desk.hears(*texts, **values)
        return await reception.handle(
            self.desk.salon.db,
            self.desk.salon.company,
            dialog_id=dialog_id,
            crm=self.desk.crm,
            store=self.desk.store,
            clock=self.desk.clock,
            hash_phone=hash_phone,
            assistant=self.assistant,
        )

    @property
    def asked(self) -> list[Asked]:
        return self.fake.asked
