"""The words of `instructions` in English."""

from vernis.decide.writing import free_times
from vernis.domain import Intent, ResponseType

MONTHS: tuple[str, ...] = free_times.MONTHS
TYPES = {
    ResponseType.POSITIVE: "a yes",
    ResponseType.NEGATIVE: "a no",
    ResponseType.NEUTRAL: "neither yes nor no",
}
INTENTS = {
    Intent.BOOK: "the client wants to book",
    Intent.QUESTION: "the client asks a question",
    Intent.LATER: "the client wants later, not now",
    Intent.DECLINE: "the client does not want to come",
    Intent.OPT_OUT: "the client asks not to be written to again",
    Intent.ALREADY_BOOKED: "the client says that they are booked or were just here",
    Intent.COMPLAINT: "the client complains or wants to talk to a person",
    Intent.WRONG_PERSON: "it is somebody else, the number is not our client's",
    Intent.NEUTRAL: "it is not clear what they want",
}
WORDS = {
    "head": "The client answers our message that invited them back. We began this conversation.",
    "name": "The client's name: {name}.",
    "vy": "Be polite and friendly.",
    "ty": "Be friendly and informal.",
    "away": "Last visit: {day} ({ago} ago).",
    "service": 'Last service: "{service}".',
    "interval": "Usual time between visits: {days}.",
    "campaign": "Campaign: {campaign} ({tone}).",
    "dormant_30": "a gentle reminder, the client is a little late",
    "dormant_60": "the client has been away clearly longer than usual",
    "dormant_90": "the client has been away for long, we win them back",
    "sent": 'We wrote on {moment} ({ago}): "{text}"',
    "today": "today",
    "ago": "{days} ago",
    "offer": "The message promised: {offer}. Keep to these terms and promise nothing beyond them.",
    "offer_over": "The message's offer no longer holds: do not promise it.",
    "no_offer": "We promised no discount and no gift: do not offer any.",
    "times": "The message named free times: {times}. Check that they are still free.",
    "booked": "The client has booked since this message.",
    "reply": "The reply: {type}; {intent} (confidence {percent}%).",
    "when": "The time named: from {first} to {last}.",
    "when_at": "The time named: {first}.",
    "do": "What to do: {do}",
    "unsure": "Confidence is low: where the meaning is not clear, ask one short question.",
    "do_book": "begin to book the suggested service at once and do not ask for the service again; "
    "offer up to three of the nearest free times, the usual master first.",
    "do_book_when": "begin to book the suggested service at the time named; where it is taken, "
    "offer up to three of the nearest free times.",
    "do_booked": "there is a booking already: confirm it briefly and do not book again.",
    "do_cancel": "it is about the client's own booking: find it and cancel it once confirmed, "
    "without persuasion.",
    "do_reschedule": "it is about the client's own booking: find it, move it and confirm the new "
    "time.",
    "do_question": "answer from the salon's data, invent nothing, then ask once whether to book.",
    "do_later": "accept it without persuasion; where no day is named you may ask once when to "
    "remind them. We do not write before the day that they name.",
    "do_decline": "thank them and say goodbye in one sentence; do not persuade, offer nothing.",
    "do_opt_out": "the number is stopped already, we never write again. Confirm it in one short "
    "sentence and offer nothing.",
    "do_already_booked": "find the booking or the recent visit; where there is one, thank them, "
    "else ask gently for its day. Do not book a second time.",
    "do_complaint": "apologise and hand the conversation to a person at once; sell nothing and do "
    "not offer to book.",
    "do_wrong_person": "apologise for the trouble in one sentence; the number is stopped already.",
    "do_neutral": "answer briefly what was said; where nothing needs an answer, write nothing.",
}


def days_word(days: int) -> str:
    return "day" if days == 1 else "days"
