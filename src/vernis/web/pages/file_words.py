"""What the pages say of a salon's files: what they are, what a column holds, why a row is none."""

from collections.abc import Mapping

from vernis.decide.files.column_names import Field, Kind
from vernis.decide.files.dates import DateOrder
from vernis.decide.files.records import Why
from vernis.decide.files.values import Fault
from vernis.errors import DataError
from vernis.web.pages.catalog import N_

KINDS: Mapping[str, str] = {
    Kind.VISITS: N_("Visits and sales"),
    Kind.BOOKINGS: N_("Bookings"),
    Kind.CANCELLATIONS: N_("Cancelled bookings"),
    Kind.NO_SHOWS: N_("Missed bookings"),
    Kind.SERVICES: N_("Services and prices"),
    Kind.CLIENTS: N_("Clients"),
}
FIELDS: Mapping[str, str] = {
    Field.CLIENT_CODE: N_("the client's number"),
    Field.NAME: N_("name"),
    Field.SURNAME: N_("surname"),
    Field.PHONE: N_("phone"),
    Field.GENDER: N_("gender"),
    Field.CONSENT: N_("consent to messages"),
    Field.BLACKLISTED: N_("black list"),
    Field.BIRTHDAY: N_("birthday"),
    Field.SERVICE: N_("service"),
    Field.STAFF: N_("who does it"),
    Field.DATE: N_("day of the visit"),
    Field.TIME: N_("time"),
    Field.AMOUNT: N_("amount"),
    Field.QUANTITY: N_("quantity"),
    Field.STATUS: N_("status"),
    Field.BOOKED_ON: N_("day when it was booked"),
    Field.CANCELLED_ON: N_("day when it was cancelled"),
    Field.RECEIPT: N_("number of the receipt or booking"),
    Field.SERVICE_CODE: N_("the service's number"),
    Field.TITLE: N_("title of the service"),
    Field.CATEGORY: N_("category"),
    Field.PRICE: N_("price"),
    Field.DURATION: N_("how long it takes"),
    Field.ACTIVE: N_("whether it is offered"),
}
ORDERS: Mapping[str, str] = {
    DateOrder.DMY: N_("day first: 31.12.2026"),
    DateOrder.MDY: N_("month first: 12/31/2026"),
}
ROW_FAULTS: Mapping[str, str] = {
    Fault.NO_DATE: N_("there is no day"),
    Fault.BAD_DATE: N_("the day cannot be read"),
    Fault.DATE_OUT_OF_RANGE: N_("the day is too long ago or too far ahead"),
    Fault.BAD_TIME: N_("the time cannot be read"),
    Fault.BAD_AMOUNT: N_("the amount cannot be read"),
    Fault.UNKNOWN_STATUS: N_("the status is not known"),
    Fault.WRONG_COLUMNS: N_("more cells than columns"),
    Fault.NO_TITLE: N_("there is no title"),
}
LEFT_OUT: Mapping[str, str] = {
    Why.WALK_IN: N_("without a client"),
    Why.PRODUCT: N_("goods, not services"),
    Why.TOTAL: N_("totals"),
    Why.REFUND: N_("refunds"),
}

# What a DataError means, by a part of its sentence, which speaks to the command line.
UNCLEAR_KIND = N_("It is not clear what these rows are: choose it below.")
MISSING_COLUMN = N_("A column is missing: say below which one holds the day, or the client.")
TWO_ORDERS = N_("The dates can be read in two ways: say below which comes first, day or month.")
SAME_FIELD = N_("Two columns are said to hold the same: leave it to one of them.")
_TO_BE_SAID = (
    ("It is not clear what this table holds", UNCLEAR_KIND),
    ("No column for", MISSING_COLUMN),
    ("fit two formats", TWO_ORDERS),
    ("some the month first", TWO_ORDERS),
    ("two columns", SAME_FIELD),
)
UNREADABLE = N_("This file cannot be read: export it once more, as CSV or XLSX.")
_BROKEN = (
    ("is empty", N_("The file is empty.")),
    ("no sheet with data", N_("The file is empty.")),
    ("old .xls", N_("This is an old .xls or has a password: save it as .xlsx without one.")),
    ("not a table", N_("This is not a table: export it from your program as CSV or XLSX.")),
    ("web page or XML", N_("This is a web page inside: open it in Excel and save it as .xlsx.")),
    ("is a ZIP archive", N_("This is an archive: unpack it and choose the files in it.")),
    ("damaged", N_("The file is damaged: export it once more.")),
    ("quotation mark", N_("A quotation mark is not closed: export it once more, as XLSX.")),
    ("binary data", N_("This is not a table of text: export it from your program as CSV or XLSX.")),
    ("encoding", N_("Its letters cannot be read: save it as “CSV UTF-8” or as XLSX.")),
    ("when it is unpacked", N_("The workbook is too large inside: save the sheet as CSV.")),
    ("more cells than", N_("The workbook is too large inside: save the sheet as CSV.")),
    ("endless line", N_("The file has no lines: export it once more, as CSV or XLSX.")),
)


def meant(error: DataError) -> tuple[str, bool]:
    """What an owner is told, and whether it can be put right on the page."""
    sentence = str(error)
    for part, said in _TO_BE_SAID:
        if part in sentence:
            return said, True
    return next((said for part, said in _BROKEN if part in sentence), UNREADABLE), False
