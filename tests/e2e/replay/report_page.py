#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""report.html in headless Chromium: mouse, keyboard, small screens, dark colours.

usage: report_page.py [FOLDER]    writes screenshots to FOLDER"""

import pathlib
import shutil
import sys
import tempfile

from _checks import check, finish
from _report import VERDICTS, run_mixed_suite

SKIPPED = 77
try:
    from selenium import webdriver
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.chrome.service import Service
except ImportError:
    print("SKIPPED: python3-selenium is not installed")
    sys.exit(SKIPPED)
DRIVER, BROWSER = shutil.which("chromedriver"), shutil.which("chromium")
if not DRIVER or not BROWSER:
    print("SKIPPED: chromium or chromium-driver is not installed")
    sys.exit(SKIPPED)


def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(service=Service(DRIVER), options=options)


class Page:
    def __init__(self, driver, url):
        self.driver = driver
        self.url = url

    def size(self, width, height):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def colours(self, scheme):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def load(self, anchor=""):
        self.driver.get("about:blank")
        self.driver.get(self.url + anchor)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def shown(self):
        return [entry for entry in self.all(".entry") if entry.is_displayed()]

    def active(self):
        return self.driver.switch_to.active_element

    def keys(self, *keys):
        self.active().send_keys(*keys)

    def run(self, script, *arguments):
        return self.driver.execute_script("return " + script, *arguments)


def totals(page):
    text = {item.text for item in page.all(".totals li")}
    wanted = {f"{count} {verdict}" for verdict, count in VERDICTS.items() if count}
    check("the totals are shown", text == wanted, str(text))
    check("every case is shown", len(page.shown()) == sum(VERDICTS.values()))
    check("the hostile title is shown as text", "<script>" in page.one("#e2 .title").text)
    check("the hostile title is not executed", page.driver.title == "SecCT: embedded", page.driver.title)
    check("the hostile title makes no element", not page.all(".title script, .title img"))


def coverage(page):
    section = next(s for s in page.all(".section") if s.text.startswith("RELOC 5.2"))
    check("a section shows how many clauses passed", "1 of 12 passed" in section.text, section.text)
    check("a section is closed at first", section.get_attribute("open") is None)
    section.find_element(By.TAG_NAME, "summary").click()
    row = page.one("#clause-RELOC-5\\.2-2")
    check("a click opens the section", row.is_displayed())
    check("a clause has its sentence", "For R1 the PR MUST return all SAs" in row.text, row.text)
    row.find_element(By.LINK_TEXT, "MIX/right").click()
    entry = page.one("#e1")
    check("a link to a case opens the case", entry.get_attribute("open") is not None)
    check("a link to a case scrolls to it",
          page.run("arguments[0].getBoundingClientRect().top < innerHeight", entry))
    check("a link to a case focuses it", page.active() == entry.find_element(By.TAG_NAME, "summary"))


def failing_case(page):
    page.load("#e2")
    entry = page.one("#e2")
    check("an anchor opens its case", entry.get_attribute("open") is not None)
    violation = entry.find_element(By.CSS_SELECTOR, ".violation")
    for text in ("RELOC-4-7", "The PR MUST answer a valid SHREQ", "The PR then sends",
                 "secct.status", "105", "200 (0xc8) OK"):
        check(f"the violation has {text}", text in violation.text, violation.text)
    check("the violation links to the clause", page.one("#e2 .violation a").get_attribute("href")
          .endswith("#clause-RELOC-4-7"))
    steps = entry.find_elements(By.CSS_SELECTOR, ".steps > li")
    states = [step.get_attribute("class") for step in steps]
    check("the steps show their states", states == ["done", "failed", "not-reached"], str(states))
    cells = [cell.text for cell in entry.find_elements(By.CSS_SELECTOR, ".compared .differs > *")]
    check("expected and found value are shown", cells == ["secct.status", "105", "200 (0xc8) OK"],
          str(cells))
    ladder = entry.find_element(By.CSS_SELECTOR, "svg.ladder")
    check("the ladder has two packets", len(ladder.find_elements(By.TAG_NAME, "g")) == 2)
    check("the wrong packet has a mark besides its colour",
          "✗ SHREP" in ladder.find_element(By.CSS_SELECTOR, ".wrong").text)
    packet = page.one("#e2p2")
    check("the wrong packet is open", packet.get_attribute("open") is not None)
    check("the wrong field is marked", "Status-Code" in packet.find_element(
        By.CSS_SELECTOR, ".marked").text)
    mark = packet.find_element(By.CSS_SELECTOR, ".hex mark")
    check("the wrong octet is marked", mark.text == "c8", mark.text)
    check("a case links to its capture", page.one("#e2 .meta a").get_attribute("href")
          .endswith("/MIX_wrong-status.pcapng"))
    page.one("#e2 .violation dl a").click()
    check("the violation links to the packet", page.run("location.hash") == "#e2p2")


def keyboard(page):
    page.load()
    page.keys(Keys.TAB)
    check("the first Tab stop is a link to the cases", page.active().text == "Skip to the cases")
    check("the focused link is visible", page.active().rect["x"] >= 0)
    page.keys(Keys.ENTER)
    check("Enter follows the link", page.run("location.hash") == "#entries")
    page.keys("/")
    check("/ focuses the search field", page.active().get_attribute("id") == "find")
    page.keys("relocation")
    check("a text without matches hides all cases", not page.shown() and page.one("#nothing").is_displayed())
    page.keys(Keys.ESCAPE)
    check("Escape shows all cases again", len(page.shown()) == sum(VERDICTS.values()))
    page.keys("/")
    page.keys("RELOC-4-7 fail")
    check("the search finds clauses and verdicts",
          [entry.get_attribute("id") for entry in page.shown()] == ["e2"])
    check("the number of matches is shown", page.one("#shown").text == f"1 of {sum(VERDICTS.values())}")
    page.keys(Keys.ESCAPE)
    page.one(".chip input[value=pass]").send_keys(Keys.SPACE)
    check("a verdict can be hidden",
          len(page.shown()) == sum(VERDICTS.values()) - VERDICTS["PASS"])
    page.run("(location.hash = '#e1')")
    page.run("new Promise(done => setTimeout(done, 50))")
    check("a link to a hidden case shows it", page.one("#e1").is_displayed())
    summary = page.one("#e3 > summary")
    page.run("arguments[0].focus()", summary)
    summary.send_keys(Keys.ENTER)
    check("Enter opens a case", page.one("#e3").get_attribute("open") is not None)
    outline = page.run("getComputedStyle(arguments[0]).outlineStyle", summary)
    check("the focus is visible", outline == "solid", outline)
    page.one("#close-all").send_keys(Keys.ENTER)
    check("the button closes all cases", not page.all(".entry[open]"))
    page.one("#open-all").send_keys(Keys.ENTER)
    check("the button opens all cases", len(page.all(".entry[open]")) == sum(VERDICTS.values()))


def contrast(page, scheme):
    """The contrast of text and background is at least 4.5 to 1 (WCAG AA)."""
    worst = page.run("""(() => {
      const luminance = (text) => {
        const [r, g, b] = text.match(/[\\d.]+/g).map((n) => n / 255)
          .map((n) => n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const background = (at) => {
        for (; at; at = at.parentElement) {
          const colour = getComputedStyle(at).backgroundColor;
          if (!/, 0\\)$/.test(colour)) return colour;
        }
        return "rgb(255, 255, 255)";
      };
      let worst = [99, ""];
      for (const at of document.querySelectorAll("body *")) {
        if (at.closest("svg") || !at.checkVisibility() ||
            ![...at.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
        const [a, b] = [luminance(getComputedStyle(at).color), luminance(background(at))].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < worst[0]) worst = [ratio, at.outerHTML.slice(0, 120)];
      }
      return worst;
    })()""")
    check(f"contrast, {scheme}", worst[0] >= 4.5, str(worst))


def layout(page, pictures):
    for scheme in ("light", "dark"):
        page.colours(scheme)
        for width in (1200, 360):
            page.size(width, 1600)
            page.load("#e2")
            check(f"the page fits into {width} pixels, {scheme}",
                  page.run("document.documentElement.scrollWidth") <= width)
            if pictures:
                page.driver.save_screenshot(str(pictures / f"{scheme}-{width}.png"))
        page.one("#open-all").click()
        contrast(page, scheme)
    page.colours("")


def requests_and_errors(page):
    log = [entry["message"] for entry in page.driver.get_log("performance")]
    requests = [text for text in log if '"Network.requestWillBeSent"' in text
             and '"url":"file:' not in text and '"url":"about:' not in text]
    check("the page makes no network request", not requests, str(requests)[:500])
    errors = page.driver.get_log("browser")
    check("the console has no error", not errors, str(errors))


def main():
    pictures = pathlib.Path(sys.argv[1]) if sys.argv[1:] else None
    with tempfile.TemporaryDirectory() as name:
        out = run_mixed_suite(pathlib.Path(name))
        driver = browser()
        try:
            page = Page(driver, (out / "report.html").as_uri())
            page.size(1200, 900)
            page.load()
            totals(page)
            coverage(page)
            failing_case(page)
            keyboard(page)
            layout(page, pictures)
            requests_and_errors(page)
        finally:
            driver.quit()
    finish()


main()
