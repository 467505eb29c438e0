# SPDX-License-Identifier: GPL-2.0-or-later
"""The suite against the reference router, in separate network namespaces. The verdicts are those of the
embedded router: over one interface and two, and over links that delay, reorder, duplicate and lose packets.

usage: live.py [RUN]...    default: all"""
import _netns  # first: restarts the script in its namespaces
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

from _checks import DESCRIPTION, SECCT, check, finish

_netns.require_programs("ip", "nsenter")


def verdicts(directory):
    report = json.loads((directory / "report.json").read_text())
    return {case["id"]: (case["verdict"], case["reason"]) for case in report["cases"]}


class Router:
    """A running `secct router`."""

    def __init__(self, space, *arguments):
        self.log = tempfile.TemporaryFile("w+")
        self.process = space.start(SECCT, "router", "--dut", str(dut_file), *arguments,
                                   stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.ready = self.process.stdout.readline() == "ready\n"

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=20)
        self.log.seek(0)
        return status, self.log.read()


with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    # Each run of each case needs a mobile node.
    dut_file = scratch / "dut.yaml"
    dut_file.write_text(DESCRIPTION.read_text().replace("count: 1024", "count: 4096"))
    subprocess.run([SECCT, "run", "--report-dir", scratch / "embedded"], check=True,
                   stdout=subprocess.DEVNULL)
    embedded = verdicts(scratch / "embedded")

    # Both links run through a third namespace, which can impair them.
    dut, tester, middle = _netns.Namespace(), _netns.Namespace(), _netns.Namespace()
    links = ("routers", "mobile")
    for link in links:
        _netns.join(tester, f"t-{link}", middle, f"mt-{link}")
        _netns.join(dut, f"d-{link}", middle, f"md-{link}")

    def bridges(*settings):
        processes = []
        for seed, link in enumerate(links):
            process = middle.start(
                sys.executable, str(pathlib.Path(_netns.__file__).with_name("_impair.py")), f"mt-{link}",
                f"md-{link}", f"seed={seed}", *settings, stdout=subprocess.PIPE, text=True)
            process.stdout.readline()
            processes.append(process)
        return processes

    def compare(name, router_arguments, run_arguments):
        router = Router(dut, *router_arguments)
        check(f"{name}: the router is ready", router.ready)
        run = tester.run(SECCT, "run", "--dut", str(dut_file), *run_arguments, "--report-dir",
                         scratch / name, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        status, log = router.end()
        check(f"{name}: the router ends with exit status 0", status == 0, f"{status}\n{log}")
        if not (scratch / name / "report.json").exists():
            check(f"{name}: the run writes a report", False, run.stdout)
            return
        live = verdicts(scratch / name)
        print(run.stdout.strip().splitlines()[-1], flush=True)
        # The embedded router has the policies and SAs that a case needs; the description may not.
        unsupported = {case for case, (verdict, reason) in live.items()
                       if verdict == "UNSUPPORTED" and reason.startswith("needs")}
        check(f"{name}: most cases fit the description", 3 * len(unsupported) < 2 * len(live),
              f"{len(unsupported)} of {len(live)} do not")
        different = {case: (embedded[case], live.get(case)) for case in set(embedded) - unsupported
                     if live.get(case, ("", ""))[0] != embedded[case][0]}
        check(f"{name}: the verdicts are those of the embedded router", not different,
              "\n".join(f"{case}: {both}" for case, both in different.items()))
        check(f"{name}: exit status 0", run.returncode == 0, str(run.returncode))

    one = ["--interface", "d-routers"], ["--interface", "t-routers"]
    two = ([*one[0], "--mn-interface", "d-mobile"], [*one[1], "--mn-interface", "t-mobile"])

    def configured():
        """hooks.configure restarts the router with the description that each group of cases needs."""
        pid, output, hook = (scratch / name for name in ("pid", "output", "configure.sh"))
        log = scratch / "descriptions"
        hook.write_text(f"""set -e
cat "$DUT" >>{log}
if [ -e {pid} ]; then
  kill "$(cat {pid})"
  while kill -0 "$(cat {pid})" 2>/dev/null; do sleep 0.01; done
fi
rm -f {output}
{' '.join(dut.command(SECCT))} router --dut "$DUT" --interface d-routers --quiet \\
    >{output} 2>&1 </dev/null &
echo $! >{pid}
until grep -qsx ready {output}; do
  kill -0 "$(cat {pid})" || {{ cat {output} >&2; exit 1; }}
  sleep 0.01
done
""")
        trigger = f"/bin/kill -q $MN -s USR2 $(cat {pid})"
        text = dut_file.read_text()
        assert "\nhooks:" not in text

        def run(name, hooks, *arguments):
            file = scratch / f"{name}.yaml"
            file.write_text(f"{text}hooks: {hooks}\n")
            subprocess.run(["sh", hook], check=True, env={**os.environ, "DUT": str(file)})
            done = tester.run(SECCT, "run", "--dut", file, "--interface", "t-routers",
                              "--report-dir", scratch / name, *arguments, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
            print(done.stdout.strip().splitlines()[-1], flush=True)
            return done, verdicts(scratch / name)

        try:
            done, live = run("configured", {"configure": f"sh {hook}", "trigger": trigger})
            different = {case: (embedded[case], live.get(case)) for case in embedded
                         if live.get(case, ("", ""))[0] != embedded[case][0]}
            check("configured: the verdicts are those of the embedded router", not different,
                  "\n".join(f"{case}: {both}" for case, both in different.items()))
            check("configured: exit status 0", done.returncode == 0, str(done.returncode))
            last = log.read_text().rstrip().rsplit("\npolicies:", 1)
            check("configured: the last configuration is the original description", "more:" not in last[-1])

            # If the hook fails, only the cases that need it are SETUP-FAIL.
            done, live = run("refused", {"configure": "echo no >&2; exit 7", "trigger": trigger},
                             "--select", "clause:RELOC-5.4-*")
            failed = {case for case, (verdict, reason) in live.items() if verdict == "SETUP-FAIL"
                    and "hooks.configure: 'echo no >&2; exit 7' failed with exit status 7" in reason}
            check("refused: the cases that need the hook are SETUP-FAIL with its command and status",
                  failed, f"{live}")
            others = {case: found for case, found in live.items()
                      if case not in failed and found[0] != "PASS"}
            check("refused: the other cases pass", len(failed) < len(live) and not others, f"{others}")
            check("refused: a message reports that the router is not restored",
                  "keeps the configuration" in done.stdout)
            check("refused: exit status 3", done.returncode == 3, str(done.returncode))
        finally:
            os.kill(int(pid.read_text()), signal.SIGTERM)

    # Interfaces, impairments of the links, and --retries, because lost packets fail a case.
    runs = {
        "one-interface": (one, [], 0),
        "two-interfaces": (two, [], 0),
        "delayed": (one, ["delay=0.02"], 0),
        "duplicated": (two, ["delay=0.001", "duplicate=0.05"], 0),
        "reordered": (two, ["delay=0.008", "jitter=0.004", "reorder=0.05"], 0),
        "lossy": (two, ["delay=0.004", "jitter=0.002", "reorder=0.02", "duplicate=0.02",
                         "loss=0.01"], 5),
    }
    for name in sys.argv[1:] or [*runs, "configured"]:
        if name == "configured":
            processes = bridges()
            configured()
        else:
            (router_arguments, run_arguments), settings, retries = runs[name]
            processes = bridges(*settings)
            compare(name, router_arguments, [*run_arguments, "--retries", str(retries)])
        for process in processes:
            process.kill()
            process.wait()

    # No router answers.
    silent = tester.run(SECCT, "run", "--dut", str(dut_file), "--interface", "t-mobile",
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    check("no router: exit status 3 and the reason",
          silent.returncode == 3 and "does not answer for 2001:db8:2::1" in silent.stderr,
          f"{silent.returncode} {silent.stderr}")
    nowhere = tester.run(SECCT, "run", "--dut", str(dut_file), "--interface", "eth99",
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    check("no interface: exit status 3 and the existing interfaces",
          nowhere.returncode == 3 and "eth99: no such interface; there are" in nowhere.stderr
          and "t-mobile" in nowhere.stderr, f"{nowhere.returncode} {nowhere.stderr}")

finish()
