"""All routers of the first version."""

from vernis.web.v1 import assistants, clients, company, plans, reactivations

ROUTERS = (
    *(company.root, company.router, clients.router, plans.router, reactivations.router),
    assistants.router,
)
