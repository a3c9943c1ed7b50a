"""All routers of the first version."""

from vernis.web.v1 import (
    assistants,
    bookings,
    clients,
    company,
    dialogs,
    imports,
    keys,
    plans,
    reactivations,
    reports,
    services,
    webhooks,
)

ROUTERS = (
    *(company.root, company.router, clients.router, plans.router, reactivations.router),
    *(reports.router, services.router, imports.router),
    *(dialogs.router, bookings.router, webhooks.router, keys.router),
    assistants.router,
)
