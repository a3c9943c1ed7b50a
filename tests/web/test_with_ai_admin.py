"""A company's assistant in Node.js: from a client's message to the booking, with its own Redis."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from ai_admin import ENVIRONMENT, FOLDER, NODE, install, running_valkey
from programs import ANNA, Program, served

from vernis.adapters.context import RedisDialogStore, connect
from vernis.app import App


@pytest.fixture(scope="module")
def valkey() -> Iterator[str]:
    install()
    with TemporaryDirectory() as folder:
        socket_path = f"{folder}/s"
        with running_valkey(Path(folder), "--port", "0", "--unixsocket", socket_path):
            yield socket_path


@pytest.mark.parametrize("platform", [None, "whatsapp"], ids=["plain", "with platform"])
async def test_from_a_reply_to_the_booking(
    program: Program, app: App, valkey: str, platform: str | None
) -> None:
    nails = await program.salon.insert("services", "service_id", title="Маникюр")
    id_ = await program.written_to(last_service_id=nails, last_service_name="Маникюр")
    redis = connect(f"unix://{valkey}")
    store = RedisDialogStore(redis, clock=program.clock, platform=platform)
    words = [str(program.key), str(program.company.company_id), ANNA]
    async with served(replace(app, open_store=lambda: store)) as address:
        process = await asyncio.create_subprocess_exec(
            NODE / "bin" / "node", FOLDER / "assistant.mjs", valkey, address, *words,
            *([platform] if platform else []),
            stdout=asyncio.subprocess.PIPE, env=ENVIRONMENT,
        )  # fmt: skip
        out, _ = await process.communicate()
    await store.aclose()
    assert process.returncode == 0
    said = json.loads(out)

    assert said["context"]["is_reply"]
    assert said["context"]["in_redis"]
    assert said["pendingAfterContext"] == said["context"]["pending_action"]
    assert said["reply"]["start_booking"]
    assert said["replyAgain"] == said["reply"]
    wrong, booked = said["booking"]
    assert wrong == "invalid: booking_id: Input should be a valid string."
    assert booked["reactivation_id"] == id_
    assert said["dialog"]["pendingAction"] == "null"
    assert said["dialog"]["selection"] == '{"time":"18:00"}'
    assert said["fullCtx"] is None
    assert said["afterwards"]["booking_created"]
    assert said["afterwards"]["pending_action"] is None
    assert await program.history(id_, "response_type", "booking_created") == ("positive", True)
