"""Where the simulated salon keeps its appointments: in Vernis' own tables, or in a CRM."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeAlias

from vernis.app import App
from vernis.domain import Company
from vernis.simulation.events import Booked, Came, Cancelled, NoShow
from vernis.simulation.world import World


class Books(Protocol):
    """What happens in the salon goes in here, and Vernis gets to know of it."""

    async def open(self, world: World) -> None:
        """Vernis knows the salon's past: which rows are what is still to come."""
        ...

    def client_key(self, external_key: str) -> str:
        """The simulation's key of a client that Vernis knows by this one."""
        ...

    def service_code(self, service_id: int) -> str: ...

    async def knows(self, key: str, booking_id: int) -> None:
        """A booking that Vernis made itself: its events come with this key."""
        ...

    def note(self, event: Booked | Came | Cancelled | NoShow) -> None: ...

    async def write(self) -> None:
        """Tell Vernis of what was noted, or leave it for later as the salon's program does."""
        ...

    async def catch_up(self) -> list[int]:
        """Vernis knows all that was noted; whose visits are new, where nobody followed them yet."""
        ...


# Makes a company of a world and its settings, and tells Vernis the past.
OpenSalon: TypeAlias = Callable[[App, World, Sequence[str]], Awaitable[tuple[Company, Books]]]
