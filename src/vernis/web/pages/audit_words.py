"""Who changed what, in words: a note of `stages.auditing` as a page tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vernis.domain import Company, Locale
from vernis.stages.auditing import Entry
from vernis.web.pages import settings_keys, settings_webhooks, words
from vernis.web.pages.catalog import N_
from vernis.web.pages.rendering import say
from vernis.web.pages.settings_fields import SETTINGS, VARIANTS
from vernis.web.pages.settings_typed import NONE

ACTIONS: Mapping[str, str] = {
    "settings.changed": N_("settings changed"),
    "company.created": N_("salon added"),
    "company.started": N_("sending begun"),
    "start.described": N_("first steps: the salon described"),
    "start.consent": N_("first steps: consent said"),
    "start.rules": N_("first steps: rules set"),
    "member.joined": N_("access given to %(subject)s"),
    "member.left": N_("access taken from %(subject)s"),
    "member.link_made": N_("link for a password made for %(subject)s"),
    "key.created": N_("API key made: %(subject)s"),
    "key.revoked": N_("API key revoked: %(subject)s"),
    "account.added": N_("number added: %(subject)s"),
    "account.changed": N_("number changed: %(subject)s"),
    "account.token_set": N_("access token replaced: %(subject)s"),
    "account.link_begun": N_("linking of the phone begun: %(subject)s"),
    "account.paused": N_("number paused: %(subject)s"),
    "account.resumed": N_("number resumed: %(subject)s"),
    "account.removed": N_("number removed: %(subject)s"),
    "account.taken_out": N_("number taken out of use: %(subject)s"),
    "webhook.created": N_("webhook added: %(subject)s"),
    "webhook.changed": N_("webhook changed: %(subject)s"),
    "webhook.secret_changed": N_("new secret made: %(subject)s"),
    "webhook.removed": N_("webhook removed: %(subject)s"),
    "crm.disconnected": N_("CRM disconnected"),
    "client.erased": N_("data erased: %(subject)s"),
    "client.exported": N_("data exported: %(subject)s"),
    "client.opted_out": N_("messages stopped: %(subject)s"),
    "client.opted_in": N_("messages allowed again: %(subject)s"),
    "client.set_aside": N_("not written to this time: %(subject)s"),
    "draft.approved": N_("message approved: %(subject)s"),
    "draft.edited": N_("message edited: %(subject)s"),
    "draft.held": N_("approval taken back: %(subject)s"),
    "draft.rejected": N_("message not sent: %(subject)s"),
    "dialog.taken_over": N_("answered by a person: %(subject)s"),
    "dialog.given_back": N_("given back to Vernis: %(subject)s"),
    "message.written": N_("answer written: %(subject)s"),
    "message.was_sent": N_("checked, was sent: %(subject)s"),
    "message.was_not_sent": N_("checked, was not sent: %(subject)s"),
    "notices.seen": N_("notices looked at"),
    "service.interval_set": N_("own interval: %(subject)s"),
    "upload.given": N_("files given: %(subject)s"),
    "upload.read": N_("files read in: %(subject)s"),
}
SUBJECTS: Mapping[str, str] = {
    "user": N_("person %(number)s"),
    "key": N_("key %(number)s"),
    "account": N_("number %(number)s"),
    "webhook": N_("webhook %(number)s"),
    "client": N_("client %(number)s"),
    "reactivation": N_("message %(number)s"),
    "message": N_("message %(number)s"),
    "dialog": N_("dialog %(number)s"),
    "service": N_("service %(number)s"),
    "upload": N_("files %(number)s"),
}
# What one can look at alone: the noun of an action.
NOUNS: Mapping[str, str] = {
    "settings": N_("settings"),
    "member": N_("people"),
    "key": N_("API keys"),
    "account": N_("numbers"),
    "webhook": N_("webhooks"),
    "client": N_("clients"),
    "draft": N_("drafts"),
    "dialog": N_("dialogs"),
    "service": N_("services"),
    "upload": N_("files"),
}
# Details of an account, by their names there.
ACCOUNT_FIELDS: Mapping[str, str] = {
    "name": N_("name"),
    "address": N_("address"),
    "gap": N_("seconds between two messages"),
    "daily": N_("messages a day"),
    "hourly": N_("messages an hour"),
    "new_chats": N_("new chats in 24 hours"),
    "warm_up": N_("warm-up"),
    "position": N_("place in the order"),
    "template": N_("template"),
    "business": N_("business account"),
}
Change = tuple[str, str | None, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the numbers of a company's notes are called."""

    locale: Locale
    company: Company
    accounts: Mapping[int, str]
    keys: Mapping[int, str]
    logins: Mapping[int, str]

    def who(self, entry: Entry) -> str:
        if entry.user_id is not None:
            return entry.login or self._numbered("user", entry.user_id)
        if entry.key_id is not None:
            name = self.keys.get(entry.key_id, str(entry.key_id))
            return self._say(N_("program %(name)s")) % {"name": name}
        return self._say(N_("on the server"))

    def told(self, entry: Entry) -> str:
        text = self._say(ACTIONS.get(entry.action, entry.action))
        return text % {"subject": self._subject(entry.subject)} if "%(subject)s" in text else text

    def changes(self, entry: Entry) -> list[Change]:
        """Label, before (None where it was nothing), after."""
        details, noun = entry.details, entry.action.partition(".")[0]
        if entry.action == "service.interval_set":
            pair = (details.get("before"), details.get("days"))
            return [(self._say(N_("days")), self._value(pair[0]), self._value(pair[1]))]
        if entry.action == "member.joined":
            role = str(details.get("role", ""))
            return [(self._say(N_("role")), None, self._say(words.ROLES.get(role, role)))]
        if noun in {"key", "webhook"}:
            return self._lists(details)
        return [
            (self._label(noun, key), self._value(pair[0]), self._value(pair[1]))
            for key, pair in details.items()
            if isinstance(pair, list) and len(pair) == 2
        ]

    def _lists(self, details: Mapping[str, Any]) -> list[Change]:
        names = {**settings_keys.SCOPES, **settings_webhooks.EVENTS}
        return [
            (self._say(N_("may") if key == "scopes" else N_("is told when")), None,
             ", ".join(self._say(names.get(one, str(one))) for one in listed))
            for key, listed in details.items()
            if isinstance(listed, list)
        ]  # fmt: skip

    def _label(self, noun: str, key: str) -> str:
        if noun == "account":
            return self._say(ACCOUNT_FIELDS.get(key, key))
        if key in SETTINGS:
            return self._say(SETTINGS[key].label)
        return f"{self._say(VARIANTS)} ({key})" if key.startswith("variant") else key

    def _value(self, value: Any) -> str:
        if value in (None, NONE, ""):
            return "–"
        named = {"yes": N_("Yes"), "no": N_("No"), True: N_("Yes"), False: N_("No")}
        if isinstance(value, (bool, str)) and value in named:
            return self._say(named[value])
        return f"{value:g}" if isinstance(value, float) else str(value)

    def _subject(self, subject: str) -> str:
        noun, _, number = subject.partition(" ")
        if not (number.isascii() and number.isdecimal()):
            return subject
        named = {"account": self.accounts, "key": self.keys, "user": self.logins}.get(noun, {})
        return named.get(int(number)) or self._numbered(noun, int(number))

    def _numbered(self, noun: str, number: int) -> str:
        text = SUBJECTS.get(noun)
        return self._say(text) % {"number": number} if text else f"{noun} {number}"

    def _say(self, text: str) -> str:
        return say(self.locale, text)
