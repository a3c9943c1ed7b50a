"""`make screenshots`: the pages of the demo salon, as the README shows them."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import browser as browsers
from playwright.async_api import Browser, Page

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
DESK, TALL, PHONE = (1280, 800), (1280, 1360), (375, 812)
# Name of the picture -> where it is, and the screen. {client}, {dialog}: the first that is listed.
PICTURES = {
    "overview": ("/", TALL),
    "overview-phone": ("/", PHONE),
    "overview-dark": ("/", DESK),
    "plan": ("/plan", DESK),
    "plan-phone": ("/plan", PHONE),
    "dialogs": ("/dialogs/{dialog}", DESK),
    "dialogs-phone": ("/dialogs/{dialog}", PHONE),
    "clients": ("/clients", DESK),
    "client": ("/clients/{client}", DESK),
    "services": ("/services", DESK),
    "settings": ("/settings", DESK),
}


def main() -> int:
    if browsers.path() is None:
        sys.stderr.write(f"{browsers.MISSING}\n")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    vernis = Path(sys.executable).with_name("vernis")
    with tempfile.TemporaryDirectory(prefix="vernis-pictures-") as home:
        process = subprocess.Popen(
            [vernis, "demo", "--once", "--pages"],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"VERNIS_HOME": home, "VERNIS_WEB_PORT": "0"},
        )
        assert process.stdout is not None
        try:
            said = (re.search(r"http://\S+/demo/\S+", line) for line in process.stdout)
            address = next(found[0] for found in said if found)
            asyncio.run(_take_all(address))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
    return 0


async def _take_all(address: str) -> None:
    async with browsers.chromium() as browser:
        for name, (path, size) in PICTURES.items():
            page = await _open(browser, address, size, dark=name.endswith("-dark"))
            here = page.url.rstrip("/")
            kind, _, one = path[1:].partition("/")
            await page.goto(here + (f"/{kind}/{await _first(page, here, kind)}" if one else path))
            await page.wait_for_timeout(700)  # charts draw themselves
            target = FOLDER / f"{name}.png"
            await page.screenshot(path=target)
            sys.stdout.write(f"{target.relative_to(Path.cwd())}\n")
            await page.context.close()


async def _open(browser: Browser, address: str, size: tuple[int, int], *, dark: bool) -> Page:
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        locale="ru-RU",
    )
    page = await context.new_page()
    await page.goto(address)
    return page


async def _first(page: Page, here: str, kind: str) -> str:
    """The number of the first thing that the list has."""
    await page.goto(f"{here}/{kind}")
    links = await page.eval_on_selector_all(
        f'main a[href*="/{kind}/"]', "all => all.map(one => one.getAttribute('href'))"
    )
    numbers = (re.search(rf"/{kind}/(\d+)", link) for link in links)
    return next(found[1] for found in numbers if found)


if __name__ == "__main__":
    sys.exit(main())
