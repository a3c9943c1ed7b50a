"""No cell that Vernis writes is a formula in a spreadsheet."""

import csv
import io

import pytest

from vernis.cells import CellWriter, neutral

DANGEROUS = [
    '=HYPERLINK("http://example.test","Анна")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "-SUM(1)",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "＝1",
]


@pytest.mark.parametrize("cell", DANGEROUS)
def test_what_begins_like_a_formula_is_text(cell):
    file = io.StringIO(newline="")
    CellWriter(file).writerow([cell, 1])
    ((written, _),) = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert written == f"'{cell}"


@pytest.mark.parametrize(
    "cell",
    ["Анна", "", "1500", "-1500", "-10,50", -3, None, 2.5, "a=b", "a-b", "+7 (999) 000-00-01"],
)
def test_whatever_else_is_written_as_it_is(cell):
    assert neutral(cell) == cell
