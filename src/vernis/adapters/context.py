"""The dialog context in Redis, as AI Admin v2 reads and writes it.

Keys are `{prefix}:{company}:{P}`, or `{prefix}:{company}:{platform}:{P}` where a platform is
set; `P` is the phone in E.164 digits. `dialog:` is a hash, `messages:` a list with the newest
first, `client:` a JSON string, `full_ctx:` AI Admin's cache of all of them.

How writes stay atomic. AI Admin reads the hash, deletes it and rewrites it under WATCH/MULTI.
We never read and rewrite it: a Lua script sets our fields only, so a field that we do not know
is never touched, and a WATCH on the key sees the script as any other write. The script and the
deletion of `full_ctx:` run in one MULTI, so neither side can answer from a stale cache. The
`client:` entry is JSON that Lua would distort (empty arrays, large numbers): it is merged here
and stored only if it is still what was read, with up to 3 tries.

On a Redis Cluster the keys of one phone lie in different slots, and the contract's names have
no hash tag. There each key is written atomically on its own, `full_ctx:` after the key that it
caches. A crash in between leaves a cache that lives 5 minutes at most, and repeating the write
repairs it: every write here can be repeated.

Redis is disposable: whatever goes wrong with it is one UnavailableError, and the caller decides.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import RedisClusterException, RedisError, ResponseError

from vernis.adapters.context_scripts import (
    CLEAR_PENDING_ACTION,
    PUSH_MESSAGE,
    REPLACE_IF_SAME,
    SET_DIALOG,
)
from vernis.decide.files.phones import contract_phone
from vernis.errors import ConfigError, DataError, UnavailableError
from vernis.ports import Clock, ReactivationContext

PREFIXES = ("dialog", "messages", "client", "preferences", "processing", "full_ctx")
PLATFORMS = ("whatsapp", "telegram")
PENDING_ACTION = (
    "type",
    "campaign",
    "daysInactive",
    "lastVisitDate",
    "suggestedService",
    "intervalDays",
    "intervalSource",
    "confidence",
    "messageSent",
    "messageSentAt",
    "reactivationHistoryId",
)
DAY = 24 * 60 * 60  # seconds; the contract's TTL of `dialog:` and `messages:`
MESSAGES_KEPT = 50
RESTORED = "vernis:restored"  # ours alone, no contract
_TRIES = 3
_BATCH = 500  # contexts in one MULTI: a few milliseconds in which the server serves nobody else

_Command: TypeAlias = tuple[Any, ...]  # as it goes over the wire


class RedisDialogStore:
    """`ports.DialogStore` on one Redis or Valkey (6 or newer), or on a Redis Cluster.

    `platform` (`whatsapp` or `telegram`) chooses the key layout that carries it.
    """

    def __init__(
        self, client: Redis | RedisCluster, *, clock: Clock, platform: str | None = None
    ) -> None:
        if platform not in (None, *PLATFORMS):
            raise ConfigError(f"The Redis platform must be one of: {', '.join(PLATFORMS)}.")
        self._client = client
        self._atomic = not isinstance(client, RedisCluster)
        self._clock = clock
        self._platform = platform

    async def remember(
        self, contexts: Sequence[ReactivationContext], *, only_if_absent: bool = False
    ) -> None:
        """Write pendingAction, state, clientName and the sent text for each phone.

        May be repeated: the text is in `messages:` once. With `only_if_absent` (putting back
        what Redis lost) a dialog that has a pendingAction, another assistant's or the `null`
        of one that is settled, is left as it is, and other fields that are there are kept.
        """
        for start in range(0, len(contexts), _BATCH):
            batch = contexts[start : start + _BATCH]
            await self._write(
                [
                    command
                    for context in batch
                    for command in self._remembering(context, only_if_absent=only_if_absent)
                ],
                stale=[(context.company_id, context.phone) for context in batch],
            )
            await self._mark_clients(batch)

    async def needs_restoring(self) -> bool:
        """Whether our mark is gone: with it Redis may have lost everything, or its time is over."""
        return (await self._read([("GET", RESTORED)]))[0] is None

    async def mark_restored(self) -> None:
        """Set the mark; it lives shorter than the contexts that it stands for."""
        await self._write([("SET", RESTORED, iso(self._clock()), "EX", DAY // 4)])

    async def pending_action(self, company_id: int, phone: str) -> dict[str, Any] | None:
        """What is pending for this phone, whoever wrote it; None where nothing readable is."""
        key = self._key("dialog", company_id, phone)
        return _json_object((await self._read([("HGET", key, "pendingAction")]))[0])

    async def add_message(
        self, company_id: int, phone: str, *, sender: str, text: str, at: datetime, kind: str
    ) -> None:
        """Put a message (`sender` is `user` or `bot`) into `messages:`; once when repeated."""
        await self._write(
            [self._push(company_id, phone, sender=sender, text=text, at=at, kind=kind)],
            stale=[(company_id, phone)],
        )

    async def clear_pending_action(self, company_id: int, phone: str) -> None:
        """Set our pendingAction to `null`; another assistant's own one stays."""
        key = self._key("dialog", company_id, phone)
        await self._write(
            [("EVAL", CLEAR_PENDING_ACTION, 1, key, DAY, iso(self._clock()))],
            stale=[(company_id, phone)],
        )

    async def forget(self, company_id: int, phone: str) -> None:
        """Delete all keys of this phone (erasure), in every layout."""
        await self._write(
            [
                ("DEL", dialog_key(prefix, company_id, phone, platform=platform))
                for prefix in PREFIXES
                for platform in (None, *PLATFORMS)
            ]
        )

    async def aclose(self) -> None:
        await self._client.aclose()

    def _key(self, prefix: str, company_id: int, phone: str) -> str:
        return dialog_key(prefix, company_id, phone, platform=self._platform)

    def _remembering(
        self, context: ReactivationContext, *, only_if_absent: bool
    ) -> tuple[_Command, ...]:
        company, phone = context.company_id, context.phone
        key = self._key("dialog", company, phone)
        overwritten = {
            "pendingAction": pending_action_json(context),
            "state": "active",
            "lastUpdated": iso(self._clock()),
        }
        kept = {"phone": key.rpartition(":")[2], "companyId": str(company), "selection": "{}"}
        if context.client_name is not None:
            (kept if only_if_absent else overwritten)["clientName"] = context.client_name
        fields = [part for pair in (overwritten | kept).items() for part in pair]
        head = ("EVAL", SET_DIALOG, 1, key, int(only_if_absent), DAY, len(overwritten))
        return (
            (*head, *fields),
            self._push(
                company,
                phone,
                sender="bot",
                text=context.text,
                at=context.sent_at,
                kind="reactivation",
            ),
        )

    def _push(
        self, company_id: int, phone: str, *, sender: str, text: str, at: datetime, kind: str
    ) -> _Command:
        stamp = iso(at)
        entry = _json({"sender": sender, "type": kind, "text": text, "timestamp": stamp})
        key = self._key("messages", company_id, phone)
        return ("EVAL", PUSH_MESSAGE, 1, key, entry, stamp, DAY, MESSAGES_KEPT)

    async def _mark_clients(self, contexts: Sequence[ReactivationContext]) -> None:
        """Note the reactivation in the `client:` entries that exist, keeping the rest."""
        left = {self._key("client", one.company_id, one.phone): one for one in contexts}
        for _ in range(_TRIES):
            entries = await self._read([("GET", key) for key in left])
            changed = [
                (key, old, new)
                for (key, context), old in zip(left.items(), entries, strict=True)
                if (new := marked_client(old, context)) is not None
            ]
            if not changed:
                return
            done = await self._write(
                [("EVAL", REPLACE_IF_SAME, 1, key, old, new) for key, old, new in changed],
                stale=[(left[key].company_id, left[key].phone) for key, *_ in changed],
            )
            left = {key: left[key] for (key, *_), ok in zip(changed, done, strict=True) if not ok}
            if not left:
                return
        raise UnavailableError(
            f"{len(left)} client entries in Redis changed {_TRIES} times while they were merged: "
            "try again."
        )

    async def _write(
        self, commands: Sequence[_Command], *, stale: Sequence[tuple[int, str]] = ()
    ) -> list[Any]:
        """The commands, then the caches of the `stale` phones deleted, all in one MULTI.

        On a cluster each command stands alone; the caches go when all else is written.
        """
        drops = [("DEL", self._key("full_ctx", company, phone)) for company, phone in stale]
        if self._atomic:
            return (await self._run([*commands, *drops], atomic=True))[: len(commands)]
        answers = await self._run(commands, atomic=False)
        await self._run(drops, atomic=False)
        return answers

    async def _read(self, commands: Sequence[_Command]) -> list[Any]:
        """The answers; None for a key of another type than the contract's."""
        answers = await self._run(commands, atomic=False, raise_on_error=False)
        return [None if isinstance(answer, ResponseError) else answer for answer in answers]

    async def _run(
        self, commands: Sequence[_Command], *, atomic: bool, raise_on_error: bool = True
    ) -> list[Any]:
        if not commands:
            return []
        with _unavailable():
            pipe = self._client.pipeline(transaction=atomic)
            for command in commands:
                pipe.execute_command(*command)
            answers: list[Any] = await pipe.execute(raise_on_error=raise_on_error)
            for answer in answers:
                if isinstance(answer, Exception) and "WRONGTYPE" not in str(answer):
                    raise answer
            return answers


def connect(url: str, *, cluster: bool = False) -> Redis | RedisCluster:
    """A client for `redis://`, `rediss://` or `unix://`; nothing is sent yet.

    Gives up on a server that does not answer after about 6 s, on one that refuses at once.
    """
    retry: Retry = Retry(ExponentialBackoff(cap=0.2, base=0.02), 1)
    if cluster:
        return RedisCluster.from_url(url, socket_connect_timeout=3, socket_timeout=3, retry=retry)
    return Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3, retry=retry)


def dialog_key(prefix: str, company_id: int, phone: str, *, platform: str | None = None) -> str:
    """The key's name. `phone` is E.164 digits; what else the contract accepts is accepted.

    Raises DataError where it is no phone.
    """
    # Bare digits are E.164 already: the plus keeps them from being read by Russian habits.
    digits = contract_phone(f"+{phone}" if phone.isdigit() else phone)
    if digits is None:
        raise DataError("A dialog needs a phone of 7 to 15 digits: correct the client's phone.")
    middle = f"{company_id}:{platform}" if platform else str(company_id)
    return f"{prefix}:{middle}:{digits}"


def pending_action_json(context: ReactivationContext) -> bytes:
    """The contract's fields in its order; what the context leaves out is `null`, more is kept.

    `type`, `messageSent` and `messageSentAt` come from the context itself where not given.
    """
    given: Mapping[str, Any] = {
        "type": "reactivation_response",
        "messageSent": context.text,
        "messageSentAt": context.sent_at,
        **context.pending_action,
    }
    return _json({name: given.get(name) for name in PENDING_ACTION} | dict(given))


def marked_client(entry: bytes | None, context: ReactivationContext) -> bytes | None:
    """The `client:` entry with this reactivation noted; None where nothing is to be stored.

    An entry that is no JSON object is left alone, and so is a note of a later reactivation.
    """
    client = _json_object(entry)
    if client is None:
        return None
    sent_at, noted = iso(context.sent_at), client.get("lastReactivationAt")
    if isinstance(noted, str) and noted > sent_at:
        return None
    note = {
        "lastReactivationAt": sent_at,
        "reactivationCampaign": context.pending_action.get("campaign"),
    }
    if note.items() <= client.items():
        return None
    return _json(client | note)


def iso(moment: datetime) -> str:
    """As JavaScript's `toISOString` writes it: UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _json(value: Mapping[str, Any]) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)
    # Half an emoji, which JavaScript allows in a string, becomes JSON's own escape for it.
    return text.encode("utf-8", "backslashreplace")


def _plain(value: object) -> str | float:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no place in the dialog context.")


def _json_object(text: bytes | None) -> dict[str, Any] | None:
    try:
        value = json.loads(text or b"null")
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


@contextmanager
def _unavailable() -> Iterator[None]:
    # The driver's own text repeats the command, and with it phones and messages.
    try:
        yield
    except (RedisError, RedisClusterException, OSError) as error:
        raise UnavailableError(
            f"Redis does not answer or refuses the command ({type(error).__name__}): "
            "check REDIS_URL and that the server runs."
        ) from None
