#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Texts from outside cannot control a terminal, a report or the name of a file: ids and titles of suites,
names of files, names of routers, texts of packets."""
import json
import os
import pathlib
import subprocess
import tempfile
import unicodedata
import xml.etree.ElementTree

from _checks import SECCT, check, finish

EVIL = "\x1b[2J\x07\r\u202e\u2066\u0085<b>&'\"\x7f"
STEPS = "steps: [{send: shreq}, {expect: shrep}]"
DIRECTIONS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufeff")


def run(*words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, timeout=100, check=False, **options)


def harmless(what, output):
    text = output.decode(errors="surrogateescape")
    bad = {character for character in text if character in DIRECTIONS or (
        unicodedata.category(character) in ("Cc", "Cs") and character != "\n")}
    check(f"{what}: no control characters", not bad, repr(bad) + repr(text[:300]))


def suite(folder, *ids, title=EVIL):
    folder.mkdir(exist_ok=True)
    cases = [{"id": name, "title": title, "role": "pr", "clauses": ["RELOC-5.2-2"],
              "steps": [{"send": "shreq"}, {"expect": "shrep"}]} for name in ids]
    (folder / "mine.yaml").write_text(json.dumps({"cases": cases}), encoding="utf-8")
    return folder


def ids(folder):
    names = ("a/b", "a_b", "a=5Fb", "a b", f"x{EVIL}", "javascript:alert(1)", "..", "../up", ".hidden", "A/b",
             "%2e%2e/x", "ä", "a" * 240)
    report = folder / "report"
    done = run(SECCT, "run", "--suite", suite(folder / "suite", *names), "--report-dir", report)
    check("run with such ids: exit status 0", done.returncode == 0, done.stderr)
    harmless("run", done.stdout + done.stderr)
    files = sorted(os.listdir(report))
    check("each id has its own file", len(files) == len(names) + 3, files)
    check("no file is elsewhere or hidden", not (folder / "up.pcapng").exists()
          and not any(name.startswith(".") for name in files), files)
    html = (report / "report.html").read_text(encoding="utf-8")
    harmless("report.html", html.replace("\t", "").encode())
    check("report.html: links lead to files only",
          "javascript:" not in "".join(part.split('"')[0] for part in html.split('href="')[1:]))
    check("report.html: texts are escaped", "<b>&'" not in html and "&lt;b&gt;" in html)
    harmless("report.xml", (report / "report.xml").read_bytes())
    tree = xml.etree.ElementTree.parse(report / "report.xml")
    check("report.xml: one test case for each id", len(tree.findall(".//testcase")) == len(names))
    harmless("report.json", (report / "report.json").read_bytes())
    cases = json.loads((report / "report.json").read_text(encoding="utf-8"))["cases"]
    check("report.json: the ids are unchanged", sorted(case["id"] for case in cases) == sorted(names))
    check("report.json: the files exist", all((report / case["pcap"]).exists() for case in cases))
    for name in ("a/b", f"x{EVIL}"):
        done = run(SECCT, "show", name, "--suite", folder / "suite", "--report-dir", report)
        check(f"show {name!r}: exit status 0", done.returncode == 0, done.stderr)
        harmless(f"show {name!r}", done.stdout + done.stderr)
    done = run(SECCT, "run", "--suite", folder / "suite", "--dry-run")
    harmless("run --dry-run", done.stdout + done.stderr)


def refused_ids(folder):
    for name, message in (("", "mine.yaml:1: cases[0].id: expected a name"), ("a" * 300, "too long"),
                          ("\x07" * 90, "too long")):
        done = run(SECCT, "run", "--suite", suite(folder / "suite", name))
        check(f"an id of {len(name)} characters is refused",
              done.returncode == 2 and message.encode() in done.stderr, done.stderr)
        harmless("the message", done.stderr)
    done = run(SECCT, "run", "--suite", suite(folder / "suite", "same", "same"))
    check("two equal ids are refused", done.returncode == 2 and b"already" in done.stderr, done.stderr)


def file_names(folder):
    evil = folder / EVIL.replace("/", "")
    run(SECCT, "generate", "reactive", "-w", evil)
    check("such a file name works", evil.exists())
    for words in (("check", evil), ("check", evil, evil, "--report-dir", folder / "r"), ("decode", evil / "x"),
                  ("craft", evil), ("redact", evil, evil), ("redact", evil, folder / f"2{EVIL}"),
                  ("run", "--dut", evil, "--embedded"), ("run", "--suite", evil), ("run", "--select", EVIL),
                  ("show", EVIL), ("craft", "--message", EVIL), ("list", EVIL), ("generate", EVIL),
                  ("craft", "--message", "hi", "--set", f"{EVIL}=1"), ("router", "--dut", evil, "--interface", "x"),
                  ("run", f"--{EVIL}"), (EVIL,), ("run", "--jobs", EVIL), ("run", "--expect", evil)):
        done = run(SECCT, *words)
        harmless(" ".join(map(str, words))[:60].encode("unicode_escape").decode(), done.stdout + done.stderr)


def packets(folder):
    """Private identities and comments are texts of the sender."""
    document = folder / "document.yaml"
    document.write_text(json.dumps({"packets": [{"comment": [EVIL, "\u202e"], "layers": [
        {"eth": {}}, {"ipv6": {"ipv6.src": "fd00::1", "ipv6.dst": "fd00::2"}},
        {"data": {"data.data": "0x00"}}]}]}), encoding="utf-8")
    done = run(SECCT, "craft", document, "-w", folder / "x.pcapng")
    check("craft with such comments", done.returncode == 0, done.stderr)
    for words in ((), ("--json",)):
        done = run(SECCT, "decode", folder / "x.pcapng", *words)
        harmless(f"decode {words}", done.stdout)
        again = run(SECCT, "craft", "-", "-w", "-", input=done.stdout)
        check("decode | craft keeps the comments", again.stdout == (folder / "x.pcapng").read_bytes())
    description = folder / "router.yaml"
    run(SECCT, "generate", "reactive", "--write-description", description, "-w", "/dev/null")
    lines = [line for line in description.read_text(encoding="utf-8").splitlines() if not line.startswith("name:")]
    description.write_text("\n".join([f"name: {json.dumps(EVIL)}", *lines, ""]), encoding="utf-8")
    done = run(SECCT, "run", "--dut", description, "--embedded", "--select", "RELOC-5.2-2", "--report-dir",
               folder / "report")
    check("run with such a router name", done.returncode == 0, done.stderr)
    harmless("run", done.stdout + done.stderr)
    for name in ("report.json", "report.xml", "report.html"):
        harmless(name, (folder / "report" / name).read_bytes().replace(b"\t", b""))


def main():
    for part in (ids, refused_ids, file_names, packets):
        with tempfile.TemporaryDirectory() as scratch:
            part(pathlib.Path(scratch))
    finish()


main()
