"""What everything is printed on."""

import os

from rich.console import Console

WIDE = 100  # in files and pipes nobody set a width, and narrower tables lose words


def paper(*, to_stderr: bool = False) -> Console:
    """A console as wide as the terminal; a file gets the width that the tables want."""
    console = Console(highlight=False, stderr=to_stderr)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDE
    return console
