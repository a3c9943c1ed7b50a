"""A real Chromium, Debian's package or another of the same kind, driven by Playwright."""

import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from os import environ, geteuid

from playwright.async_api import Browser, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "The tests of pages need Chromium: on Debian and Ubuntu `apt-get install chromium`, elsewhere"
    " set VERNIS_CHROMIUM to its path."
)
# A machine without a way to the outside must not wait for Chromium's own errands.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
]


def path() -> str | None:
    """Where Chromium is; None where it is missing."""
    own = environ.get("VERNIS_CHROMIUM")
    return own or next((found for name in NAMES if (found := shutil.which(name))), None)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path(), args=QUIET)
        try:
            yield browser
        finally:
            await browser.close()


def install() -> int:
    """Install Chromium where this may and can be done; else say what is missing, and go on: its
    tests are skipped with the same sentence."""
    if path() is not None:
        return 0
    if geteuid() == 0 and shutil.which("apt-get"):
        environ["DEBIAN_FRONTEND"] = "noninteractive"
        for words in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", "--quiet", "--quiet", *words], check=False, stdout=2)
    if path() is None:
        sys.stderr.write(f"{MISSING}\n")
    return 0


if __name__ == "__main__":
    sys.exit(install())
