# SPDX-License-Identifier: GPL-2.0-or-later
"""A tester and a reference router in two network namespaces, for the live tests.

Import _netns first."""
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

import _netns
from _checks import DESCRIPTION, SECCT

TESTER, DUT = "veth0", "veth1"  # the interfaces


class Pair:
    """Two namespaces and a router description. `kernel_ipv6`: the kernels have IPv6 addresses, too.
    `impair`: settings of _impair.py for the link, whose end A is the tester's."""

    def __init__(self, kernel_ipv6=False, impair=()):
        _netns.require_programs("ip", "nsenter")
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)
        self.tester, self.dut = _netns.Namespace(), _netns.Namespace()
        if impair:
            middle = _netns.Namespace()
            _netns.join(self.tester, TESTER, middle, "m-tester")
            _netns.join(self.dut, DUT, middle, "m-dut")
            self.bridge = middle.start(
                sys.executable, str(pathlib.Path(_netns.__file__).with_name("_impair.py")), "m-tester",
                "m-dut", *impair, stdout=subprocess.PIPE, text=True)
            self.bridge.stdout.readline()
        else:
            _netns.join(self.tester, TESTER, self.dut, DUT, kernel_ipv6)
        self.text = DESCRIPTION.read_text(encoding="utf-8")
        self.file = self.write("dut.yaml", self.text)
        self.number = 0

    def write(self, name, text):
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        return file

    def router(self, *arguments, file=None):
        return Router(self.dut, "--dut", str(file or self.file), "--interface", DUT, *arguments)

    def run(self, *arguments, file=None, command="run"):
        """Runs secct; the result has the verdicts by case and the notes of its report."""
        self.number += 1
        out = self.folder / f"out{self.number}"
        report = ["--report-dir", str(out)] if command == "run" else []
        result = self.tester.run(SECCT, command, "--dut", str(file or self.file), "--interface", TESTER,
                                 *report, *arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 text=True)
        result.verdicts, result.notes = {}, []
        if (out / "report.json").exists():
            read = json.loads((out / "report.json").read_text(encoding="utf-8"))
            result.verdicts = {case["id"]: case["verdict"] for case in read["cases"]}
            result.reasons = {case["id"]: case["reason"] for case in read["cases"]}
            result.notes = read["notes"]
        return result


class Router:
    """A running `secct router`."""

    def __init__(self, space, *arguments):
        self.log = tempfile.TemporaryFile("w+")
        self.process = space.start(SECCT, "router", "--quiet", *arguments, stdout=subprocess.PIPE,
                                   stderr=self.log, text=True)
        if self.process.stdout.readline() != "ready\n":
            raise SystemExit(f"secct router {arguments} is not ready: {self.end()}")

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=20)
        self.log.seek(0)
        return status, self.log.read()


def different(expected, result):
    """The cases whose verdicts differ, as text."""
    return "\n".join(f"{case}: {verdict}, not {expected.get(case)}: {result.reasons[case]}"
                     for case, verdict in result.verdicts.items() if expected.get(case) != verdict)


def summary(result):
    return re.findall(r"^\d+ cases? against.*", result.stdout, re.MULTILINE)
