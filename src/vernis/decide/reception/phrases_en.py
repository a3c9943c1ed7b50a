"""English: the phrases, and how days and hours are said in them. The keys are phrases_ru's."""

from datetime import date, datetime

PHRASES: dict[str, tuple[str, ...]] = {
    # times
    "offer_one": (
        "There's a free time {time}. Shall I book it?",
        "I can offer {time}. Shall I book it?",
        "We have {time}. Would that suit you?",
    ),
    "offer_some": (
        "These times are free:\n{times}\nWhich one suits you?",
        "I can offer:\n{times}\nWhich would you like?",
        "Here is what's free:\n{times}\nWhat works best?",
    ),
    "move_one": ("I can move it {to_time}. Shall I?", "There's a free time {time}. Move it there?"),
    "move_some": (
        "I can move it to one of these:\n{times}\nWhich one suits you?",
        "These are free:\n{times}\nWhich one shall I move it to?",
    ),
    "nearest_one": (
        "{missed}. The nearest free time is {time}. {shall_i}",
        "{missed}. There is one {time}. {shall_i}",
    ),
    "nearest_some": (
        "{missed}. The nearest free times:\n{times}\nWhich one suits you?",
        "{missed}. What else is free:\n{times}\nWould one of these work?",
    ),
    "earlier_one": ("{missed}. There is one {time}. {shall_i}",),
    "earlier_some": ("{missed}. On other days there are:\n{times}\nWhich one suits you?",),
    "shall_i_book": ("Shall I book it?",),
    "shall_i_move": ("Shall I move it there?",),
    "taken": ("Sorry, that time has just gone. {rest}",),
    "not_with": ("{master} isn't available {then}. {rest}",),
    "then_hours": ("then",),
    "then_day": ("that day",),
    "then_days": ("on those days",),
    "missed_day": ("Sorry, nothing is free {day}",),
    "missed_days": ("Sorry, nothing is free on those days",),
    "missed_soon": ("Sorry, nothing is free in the next few days",),
    "missed_exact": ("Sorry, that time isn't available",),
    "missed_hours": ("Sorry, those hours aren't available",),
    "missed_earlier": ("Sorry, nothing earlier is free",),
    "missed_later": ("Sorry, nothing later is free",),
    "no_times": (
        "{missed}. Which other day would suit you?",
        "{missed}. Would another day work?",
    ),
    # what is asked
    "greet": ("Hello! Shall I book you in? Just tell me which day suits you.",),
    "unclear": ("Would you like to book a visit? If so, which day suits you?",),
    "which_unclear": (
        "I'm not sure I understood. Which one shall I book: {places}?",
        "Which of them would you like: {places}?",
    ),
    "which": (
        "Which one shall I book: {places}?",
        "Which of them would you like: {places}?",
    ),
    "which_one": ("Just to confirm: shall I book you {time}?", "Shall I book you {time}?"),
    "which_move": ("Just to confirm: shall I move it {to_time}?", "Shall I move it {to_time}?"),
    "which_service": (
        "What would you like to book?\n{titles}",
        "Which service shall I book?\n{titles}",
    ),
    "write_please": ("I'm afraid I can't listen to voice messages here. Could you type it?",),
    # what was done
    "booked": ("You're booked {time}. See you then!",),
    "booked_for": ("You're booked for {for_service} {time}. See you then!",),
    "booked_service": ("You're booked for {service} {time}. See you then!",),
    "moved": ("Done, your booking is moved {to_time}. See you then!",),
    "cancelled": ("Your booking {visit} is cancelled. Just write whenever you'd like to come.",),
    # the client's own bookings
    "cancel_or_move": (
        "Shall I cancel your booking {visit}? To move it instead, just name another day.",
        "Just to confirm: shall I cancel your booking {visit}?",
    ),
    "cancel_which": (
        "Which booking shall I cancel?\n{visits}",
        "Which of them shall I cancel?\n{visits}",
    ),
    "move_which": (
        "Which booking shall I move?\n{visits}",
        "Which of them shall I move?\n{visits}",
    ),
    "visit": ("Yes, you're booked {visit}. See you then!",),
    "visit_thanks": ("Great, I can see your booking {visit}. See you then!",),
    "visits": ("Here are your bookings:\n{visits}\nSee you soon!",),
    "no_visit": (
        "I can't see a booking under this number yet. Which day and time is it for? Somebody will"
        " check.",
    ),
    "no_visit_to_tell": ("I can't see a booking under this number yet. Shall I book you in?",),
    "kept": ("All right, your booking stays: {visit}. See you then!",),
    # the end
    "goodbye": (
        "Thanks for letting us know! We'll be glad to see you whenever you like.",
        "Of course, no problem. Have a nice day!",
    ),
    "opt_out": ("Understood, we won't write again. All the best!",),
    "was_here": ("Thanks for telling us! We'll be glad to see you again.",),
    "wrong_person": ("Sorry to have bothered you! We won't write to this number again.",),
    "later": (
        "No problem! Just write when it suits you.",
        "Of course. Write any time and we'll find you a slot.",
    ),
    "later_ill": ("Get well soon! Just write when it suits you.",),
    "later_on": ("No problem! We'll remind you {day}.", "All right, we'll write {day}."),
    "later_on_ill": ("Get well soon! We'll remind you {day}.",),
    # after an answer
    "book_you": ("Shall I book you in?",),
    "book_you_with": ("Shall I book you in with {whom}?",),
    "which_then": ("Which one shall I book: {places}?",),
    "which_one_then": ("Shall I book you {time}?",),
    # to a person
    "question": ("I'll pass your question to the front desk. Somebody will answer you here.",),
    "complaint": (
        "I'm very sorry about that. I'm passing this to the manager, who will get in touch with"
        " you.",
    ),
    "wants_person": ("Of course, I'm passing this on. Somebody will answer you here.",),
    "change": ("The front desk will help with that. Somebody will answer you here.",),
    "check": ("Thank you, somebody will check and answer you here.",),
    "note": ("Thanks for letting us know! I'm passing it on.",),
    "voice": ("I'll pass your message on. Somebody will answer you here.",),
    "picture": ("Thank you! I'll show it to the front desk. Somebody will answer you here.",),
    "unclear_person": ("I'll pass this on. Somebody will answer you here.",),
    "too_long": ("I'll pass this on. Somebody will answer you here.",),
}

OR = "or"
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def say_day(day: date, today: date, *, to: bool = False) -> str:
    """ "on Saturday, August 1", "tomorrow"; with `to` "to Saturday, August 1"."""
    away = (day - today).days
    if away in {0, 1}:
        return ("to " if to else "") + ("today", "tomorrow")[away]
    named = f"{_WEEKDAYS[day.weekday()]}, {_MONTHS[day.month - 1]} {day.day}"
    return f"{'to' if to else 'on'} {named}"


def say_moment(start: datetime, master: str, today: date, *, to: bool = False) -> str:
    """ "on Saturday, August 1 at 4:00 pm with Anna"."""
    hour = f"{start.hour % 12 or 12}:{start.minute:02d} {'am' if start.hour < 12 else 'pm'}"
    return f"{say_day(start.date(), today, to=to)} at {hour}{f' with {master}' if master else ''}"


def in_a_list(moment: str) -> str:
    """A moment as a line of its own."""
    line = moment.removeprefix("on ")
    return line[0].upper() + line[1:]


def dative(master: str) -> str | None:
    """The name: English has no cases."""
    return master or None


def pronoun(master: str | None) -> str | None:
    """Whom a question about a master is about: the first name."""
    return master.split()[0] if master else None
