"""What a file is, by its first bytes and never by its name."""

import zipfile
from enum import StrEnum
from pathlib import Path

from vernis.errors import DataError


class Format(StrEnum):
    """The formats of tables that can be read."""

    CSV = "csv"
    XLSX = "xlsx"


_HEAD = 4096
# Of a workbook, unpacked: a zip bomb claims more, and what it claims is all that is unpacked.
_MOST_UNPACKED = 600 * 2**20  # bytes
_MOST_IN_MEMORY = 200 * 2**20  # of the parts that are not read row by row
_OTHERS = (
    (b"%PDF", "a PDF document"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89PNG", "a PNG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"{\\rtf", "an RTF document"),
)
_MARKUP = (b"<!doctype", b"<html", b"<table", b"<head", b"<meta", b"<?xml", b"<style")


def file_format(path: Path) -> Format:
    """CSV or XLSX; raises DataError for anything that is known to be neither."""
    if path.is_dir():
        raise DataError(f"{path} is a folder: name a CSV or XLSX file in it.")
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"):
        raise DataError(f"The file {path.name} is empty.")
    if head.startswith(b"PK\x03\x04"):
        return _inside_zip(path)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise DataError(
            f"{path.name} is an old .xls or a password-protected workbook: open it in Excel and "
            "save it as .xlsx without a password, or as CSV."
        )
    for magic, what in _OTHERS:
        if head.startswith(magic):
            raise DataError(f"{path.name} is {what}, not a table: export it as CSV or XLSX.")
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(_MARKUP):
        raise DataError(
            f"{path.name} is a web page or XML, whatever its name says: open it in Excel and save "
            "it as .xlsx or CSV."
        )
    if text.startswith((b'{"', b"[{", b"{\n", b"{\r")):
        raise DataError(f"{path.name} is JSON, not a table: export it as CSV or XLSX.")
    return Format.CSV


def _inside_zip(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            sizes = {one.filename: one.file_size for one in archive.infolist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise DataError(
            f"{path.name} is a damaged ZIP or XLSX file: export it once more."
        ) from error
    if "xl/workbook.xml" in names:
        whole = (size for name, size in sizes.items() if not name.startswith("xl/worksheets/"))
        if sum(sizes.values()) > _MOST_UNPACKED or sum(whole) > _MOST_IN_MEMORY:
            raise DataError(f"{path.name} is too large when it is unpacked: save its sheet as CSV.")
        return Format.XLSX
    if any(name.startswith(("word/", "content.xml")) for name in names):
        raise DataError(f"{path.name} is a document, not a table: save it as CSV or XLSX.")
    raise DataError(f"{path.name} is a ZIP archive: unpack it and name the CSV or XLSX file in it.")
