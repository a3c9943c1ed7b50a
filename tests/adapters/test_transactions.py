"""A transaction of one company: all of it or nothing, and never silently nothing."""

import psycopg
import pytest
from psycopg import OperationalError, Rollback

from vernis.adapters.postgres import Database
from vernis.domain import Company

RENAME = "UPDATE companies SET name = 'Клён' WHERE company_id = %s"
NAME = "SELECT name FROM companies"


async def name(db: Database, company: Company) -> str:
    async with db.tenant(company.company_id) as connection:
        (row,) = await (await connection.execute(NAME)).fetchall()
    return str(row[0])


async def test_what_was_done_is_there(db: Database, company: Company) -> None:
    async with db.tenant(company.company_id) as connection:
        await connection.execute(RENAME, (company.company_id,))
    assert await name(db, company) == "Клён"


async def test_a_rollback_undoes_it_and_is_no_error(db: Database, company: Company) -> None:
    async with db.tenant(company.company_id) as connection:
        await connection.execute(RENAME, (company.company_id,))
        raise Rollback
    assert await name(db, company) == company.name


async def test_an_error_undoes_it(db: Database, company: Company) -> None:
    async def breaks() -> None:
        async with db.tenant(company.company_id) as connection:
            await connection.execute(RENAME, (company.company_id,))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await breaks()
    assert await name(db, company) == company.name


async def test_a_commit_that_cannot_be_made_is_an_error(
    db: Database, company: Company, database_url: str
) -> None:
    async def loses_its_connection() -> None:
        async with db.tenant(company.company_id) as connection:
            await connection.execute(RENAME, (company.company_id,))
            with psycopg.connect(database_url) as other:
                other.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
            with pytest.raises(OperationalError):
                await connection.execute(NAME)

    with pytest.raises(OperationalError):
        await loses_its_connection()
    assert await name(db, company) == company.name


async def test_the_next_one_on_the_same_connection_sees_no_company(
    company: Company, database_url: str
) -> None:
    async with Database(database_url, size=1) as db:
        await name(db, company)
        async with db.installation() as connection:
            assert await (await connection.execute(NAME)).fetchall() == []
