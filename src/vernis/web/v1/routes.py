"""All routers of the first version."""

from vernis.web.v1 import (
    assistants,
    bookings,
    clients,
    company,
    dialogs,
    plans,
    reactivations,
)

ROUTERS = (
    *(company.root, company.router, clients.router, plans.router, reactivations.router),
    *(dialogs.router, bookings.router),
    assistants.router,
)
