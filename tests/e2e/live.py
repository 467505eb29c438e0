# SPDX-License-Identifier: GPL-2.0-or-later
"""The suite against the reference router, each in a network namespace of its own: over one interface
and over two, over a link that delays, doubles and loses packets, the verdicts are those of the
embedded router."""
import _netns
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

SECCT = os.environ["SECCT"]
LAB = pathlib.Path(os.environ["SECCT_SOURCE_DIR"]) / "generator/lab.yaml"
_netns.have("ip", "nsenter")

failures = []


def check(what, good, more=""):
    print(f"{'ok' if good else 'FAILED'}: {what}{': ' + more if more and not good else ''}", flush=True)
    if not good:
        failures.append(what)


def verdicts(directory):
    report = json.loads((directory / "report.json").read_text())
    return {case["id"]: (case["verdict"], case["reason"]) for case in report["cases"]}


class Router:
    """`secct router`, from "ready" to SIGTERM."""

    def __init__(self, space, *arguments):
        self.log = tempfile.TemporaryFile("w+")
        self.process = space.start(SECCT, "router", "--dut", str(LAB), *arguments,
                                   stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.ready = self.process.stdout.readline() == "ready\n"

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=20)
        self.log.seek(0)
        return status, self.log.read()


with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    # One mobile node for each run of each case, of all roles.
    text = LAB.read_text()
    LAB = scratch / "lab.yaml"
    LAB.write_text(text.replace("count: 1024", "count: 4096"))
    subprocess.run([SECCT, "run", "--report-dir", scratch / "embedded"], check=True,
                   stdout=subprocess.DEVNULL)
    embedded = verdicts(scratch / "embedded")

    # The routers' link runs through a third namespace, which may spoil it; the mobile nodes' does not.
    dut, tester, middle = _netns.Namespace(), _netns.Namespace(), _netns.Namespace()
    _netns.join(tester, "t-routers", middle, "m-tester")
    _netns.join(dut, "d-routers", middle, "m-dut")
    _netns.join(tester, "t-mobile", dut, "d-mobile")

    def bridge(*settings):
        process = middle.start(sys.executable, str(pathlib.Path(__file__).with_name("_impair.py")),
                               "m-tester", "m-dut", *settings, stdout=subprocess.PIPE, text=True)
        process.stdout.readline()
        return process

    def compare(name, router_arguments, run_arguments):
        router = Router(dut, *router_arguments)
        check(f"{name}: the router is ready", router.ready)
        run = tester.run(SECCT, "run", "--dut", str(LAB), *run_arguments, "--report-dir",
                         scratch / name, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        status, log = router.end()
        check(f"{name}: the router ends with 0", status == 0, f"{status}\n{log}")
        if not (scratch / name / "report.json").exists():
            check(f"{name}: there is a report", False, run.stdout)
            return
        live = verdicts(scratch / name)
        # A case may need other policies or SAs than the description has; the embedded router is given them.
        lacking = {case for case, (verdict, reason) in live.items()
                   if verdict == "UNSUPPORTED" and reason.startswith("needs")}
        check(f"{name}: most cases fit the description", 3 * len(lacking) < 2 * len(live),
              f"{len(lacking)} of {len(live)} do not")
        different = {case: (embedded[case], live.get(case)) for case in set(embedded) - lacking
                     if live.get(case, ("", ""))[0] != embedded[case][0]}
        check(f"{name}: the verdicts are those of the embedded router", not different,
              json.dumps(different, indent=1))
        check(f"{name}: exit status 0", run.returncode == 0, str(run.returncode))

    one = ["--interface", "d-routers"], ["--interface", "t-routers"]
    two = ([*one[0], "--mn-interface", "d-mobile"], [*one[1], "--mn-interface", "t-mobile"])
    runs = {
        "one-interface": (one, []),
        "two-interfaces": (two, []),
        "doubled": (one, ["delay=0.001", "duplicate=0.05"]),
        "delayed": (one, ["delay=0.02"]),
        "lossy": (two, ["loss=0.01"]),
    }
    for name, ((router_arguments, run_arguments), settings) in runs.items():
        process = bridge(*settings)
        compare(name, router_arguments,
                [*run_arguments, *([] if name == "one-interface" else ["--retries", "5"])])
        process.kill()
        process.wait()

    # A router that is not there.
    silent = tester.run(SECCT, "run", "--dut", str(LAB), "--interface", "t-mobile",
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    check("no router: exit status 3 and a reason",
          silent.returncode == 3 and "does not answer for 2001:db8:2::1" in silent.stderr,
          f"{silent.returncode} {silent.stderr}")
    nowhere = tester.run(SECCT, "run", "--dut", str(LAB), "--interface", "eth99",
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    check("no interface: exit status 3, the interfaces there are",
          nowhere.returncode == 3 and "eth99: no such interface; there are" in nowhere.stderr
          and "t-mobile" in nowhere.stderr, f"{nowhere.returncode} {nowhere.stderr}")

sys.exit(1 if failures else 0)
