"""What is known of files that were given: one reader at a time, and none that died."""

from datetime import UTC, datetime, timedelta

import pytest

from vernis.adapters.postgres import Database
from vernis.domain import Company, Locale
from vernis.errors import NotFoundError
from vernis.stages import companies, uploads
from vernis.stages.auditing import Who
from vernis.stages.uploads import SILENT_AFTER, Upload, UploadState

NOW = datetime(2024, 4, 10, 9, tzinfo=UTC)
WHO = Who(user_id=1)


@pytest.fixture
async def upload(db: Database, company: Company) -> Upload:
    return await uploads.give(db, company, folder="1/a", result={"files": []}, who=WHO, now=NOW)


async def _claim(db: Database, company: Company, upload: Upload, now: datetime = NOW) -> bool:
    return await uploads.claim(db, company, upload, all_rows=10, who=WHO, now=now)


async def test_only_one_reads_and_shows_how_far_it_is(db, company, upload):
    assert upload.state is UploadState.GIVEN
    assert [await _claim(db, company, upload) for _ in range(2)] == [True, False]
    await uploads.progress(db, company, upload, done_rows=4, now=NOW)
    assert (await uploads.get(db, company, upload.upload_id)).share == 0.4
    await uploads.finish(db, company, upload, {"outcomes": []}, now=NOW)
    done = await uploads.get(db, company, upload.upload_id)
    assert (done.state, done.share) == (UploadState.DONE, 1.0)
    assert not await _claim(db, company, upload)


async def test_what_a_dead_process_read_has_failed_and_may_be_read_again(db, company, upload):
    await _claim(db, company, upload)
    later = NOW + SILENT_AFTER + timedelta(seconds=1)
    left = await uploads.get(db, company, upload.upload_id)
    assert left.state_at(NOW) is UploadState.READING
    assert left.state_at(later) is UploadState.FAILED
    assert await _claim(db, company, upload, later)


async def test_two_uploads_of_a_company_are_not_read_side_by_side(db, company, upload):
    other = await uploads.give(db, company, folder="1/b", result={}, who=WHO, now=NOW)
    assert await _claim(db, company, upload)
    assert not await _claim(db, company, other)
    await uploads.fail(db, company, upload, "Broken.", now=NOW)
    assert await _claim(db, company, other)
    assert (await uploads.get(db, company, upload.upload_id)).fault == "Broken."


async def test_what_was_read_is_neither_changed_nor_discarded(db, company, upload):
    await _claim(db, company, upload)
    assert not await uploads.discard(db, company, upload, now=NOW)
    await uploads.finish(db, company, upload, {"outcomes": []}, now=NOW)
    await uploads.change(db, company, upload, {"files": ["other"]}, now=NOW)
    assert (await uploads.get(db, company, upload.upload_id)).result == {"outcomes": []}
    other = await uploads.give(db, company, folder="1/b", result={}, who=WHO, now=NOW)
    assert await uploads.discard(db, company, other, now=NOW)


async def test_an_upload_is_its_companys_alone(db, company, upload):
    other = await companies.find_or_create(
        db, name="Шёлк", locale=Locale.RU, timezone="Europe/Moscow", currency="RUB", country="RU"
    )
    with pytest.raises(NotFoundError):
        await uploads.get(db, other, upload.upload_id)
    assert not await _claim(db, other, upload)
