"""All routers of the first version."""

from vernis.web.v1 import assistants, clients, company

ROUTERS = (company.root, company.router, clients.router, assistants.router)
