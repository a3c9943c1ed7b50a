"""Every assumption of the simulated salon, in one place.

Targets, and where they come from:

- returns without a message, among those not back yet: about 14% within 7 days of the median
  interval, 10% at 1.5 times, 8% at 2 times, 6% at 60 days (a real salon log); here, by the
  service's median: 15, 12, 10 and 10%;
- 15 to 25% of messages get a reply, 1 to 2% an opt-out, 12 to 18% of those written to book
  within 7 days against 6 to 10% of a holdout (plausible, nobody's measurement).

Irregular people and long lapses give such slow returns, and then a quarter of all clients is
overdue at any time. tests/simulation/plain_policy.py prints what the figures lead to.

All chances are 0 to 1, days are days, a sigma is of a logarithm.
"""

from vernis.domain import Intent
from vernis.simulation.events import Standing

# --- rhythm -------------------------------------------------------------------------------

RHYTHM_SIGMA = 0.4  # between clients of one service, around the service's rhythm
REGULARITY = ((0.5, 0.35), (0.85, 0.35), (1.1, 0.3))  # sigma of the gaps, share of clients
GAP_LIMITS = (0.4, 6.0)  # of the rhythm: nobody is back sooner, later is another life
SEASON = (1.06, 1.02, 0.98, 0.97, 0.96, 0.99, 1.05, 1.06, 0.98, 1.0, 0.98, 0.92)  # gap by month
SECOND_SERVICE = 0.4  # of clients whose craft has one
DUE_WITH_VISIT = 0.8  # a second service joins a visit from this part of its own rhythm
EXTRA = 0.07  # an occasional service joins a visit
DISCOUNT = 0.08  # of visits are 10% cheaper

# --- staying and leaving ----------------------------------------------------------------------

LAPSE_FIRST, LAPSE_SECOND = 0.48, 0.28  # after the first and the second visit
LAPSE_LATER = (0.015, 0.06)  # per visit after that, personal, between these
LAPSE_KINDS = (("slipped", 0.5), ("elsewhere", 0.3), ("moved", 0.2))
SLIPPED_RETURNS = 0.45  # come back by themselves, after this many rhythms:
SLIPPED_RHYTHMS = (1.6, 5.0)
VISITS_BEFORE = (0, 0, 0, 0, 0, 1, 1, 2, 6)  # of those who came before the history began
NEW_CLIENTS = 0.22  # came first within the history; the others were clients before it

# --- bookings -----------------------------------------------------------------------------------

BOOKS_AHEAD = (0.0, 0.25)  # at the visit, personal, between these
LEAD_DAYS = 2.5  # mean days between a client's own call and the visit
NO_SHOW, CANCEL = (0.01, 0.06), (0.02, 0.10)  # personal, between these
AFTER_CANCEL = 0.7  # book again within 2 to 14 days, otherwise as after a visit
AFTER_NO_SHOW = 0.5
SALON_OPENS, SALON_CLOSES = 10, 20  # o'clock, when the phone is answered

# --- messages -----------------------------------------------------------------------------------

ON_WHATSAPP, NOTICES = 0.95, 0.88
READY_DAYS = 7  # would book by themselves within these days anyway
EARLY = 0.75  # of the rhythm: before it a message is too early
FATIGUE = 0.6  # each earlier message since the last visit leaves this part of the interest
IRRITATION = 1.7  # and multiplies opt-outs and complaints by this
IRRITATED_LEAVE = 0.3  # of those who opted out or complained do not come back
OFFER_LIFT = 1.15  # interest, where the text names a gift or a discount
CALLS_LATER = 0.15  # book by phone after a dialog that stopped half-way

# What a message that was noticed leads to; the rest is silence. CALL is a booking by phone.
CALL = "call"
REACTIONS: dict[Standing, dict[Intent | str, float]] = {
    Standing.BOOKED: {Intent.ALREADY_BOOKED: 0.22, Intent.NEUTRAL: 0.04, Intent.OPT_OUT: 0.01},
    Standing.EARLY: {
        Intent.BOOK: 0.03, Intent.QUESTION: 0.01, Intent.LATER: 0.05, Intent.DECLINE: 0.03,
        Intent.OPT_OUT: 0.02, Intent.COMPLAINT: 0.006, Intent.NEUTRAL: 0.02,
    },
    Standing.READY: {
        Intent.BOOK: 0.3, Intent.QUESTION: 0.06, CALL: 0.12, Intent.LATER: 0.04,
        Intent.DECLINE: 0.01, Intent.OPT_OUT: 0.004, Intent.NEUTRAL: 0.02,
    },
    Standing.DUE: {
        Intent.BOOK: 0.12, Intent.QUESTION: 0.03, CALL: 0.03, Intent.LATER: 0.04,
        Intent.DECLINE: 0.015, Intent.OPT_OUT: 0.007, Intent.COMPLAINT: 0.003,
        Intent.NEUTRAL: 0.015,
    },
    Standing.SLIPPED: {
        Intent.BOOK: 0.1, Intent.QUESTION: 0.035, CALL: 0.03, Intent.LATER: 0.03,
        Intent.DECLINE: 0.02, Intent.OPT_OUT: 0.01, Intent.COMPLAINT: 0.004, Intent.NEUTRAL: 0.015,
    },
    Standing.ELSEWHERE: {
        Intent.BOOK: 0.02, Intent.QUESTION: 0.01, Intent.LATER: 0.02, Intent.DECLINE: 0.06,
        Intent.OPT_OUT: 0.018, Intent.COMPLAINT: 0.012, Intent.NEUTRAL: 0.01,
    },
    Standing.MOVED: {
        Intent.DECLINE: 0.07, Intent.OPT_OUT: 0.014, Intent.WRONG_PERSON: 0.04,
        Intent.NEUTRAL: 0.01,
    },
}  # fmt: skip

FIRST_REPLY_MINUTES = (35.0, 1.4)  # median and sigma; at most two days
NEXT_REPLY_MINUTES = (5.0, 1.0)
AWAKE = (9, 23)  # o'clock; what would be written at night is written in the morning
TAKES = {2: 0.9, 1: 0.6, 0: 0.25}  # an offered time, by how many of day and hour suit
ASKS_OTHERS = 0.65  # otherwise the client vanishes
ROUNDS = 3  # offers that a client looks at
STATES_WISH = 0.35  # a yes that names a day or an hour at once
BOOKS_AFTER_ANSWER = 0.55  # of those who asked something first
PROTESTS = 0.3  # when a no, or an old booking, is answered with times
REPEATS_CHOICE = 0.7  # says it again, more clearly, when the choice did not book
THANKS = 0.5  # after a confirmation
