# SPDX-License-Identifier: GPL-2.0-or-later
"""Routers that conform, but are slow, reorder, answer from several processes or number their packets for each
processor have the verdicts of the reference router; so has a router that polices what it receives."""
import _netns  # first: restarts the script in its namespaces
import re

from _checks import check, finish
from _live import Pair, different, summary

def run(name, router_arguments, run_arguments, pair=Pair()):
    router = pair.router(*router_arguments)
    result = pair.run(*run_arguments)
    print(name, *summary(result), *result.notes, sep="\n", flush=True)
    check(f"{name}: the router ends", router.end()[0] == 0)
    check(f"{name}: exit status 0", result.returncode == 0, result.stdout[-2000:])
    return result


expected = run("reference", [], [])
check("the report says what was used", any(
    re.fullmatch(r"at most 32 cases in flight, at most 500 packets/s; longest round trip [\d.]+ ms", note)
    for note in expected.notes), expected.notes)

for variation in ("late-answers", "reordered-packets", "several-processes", "numbers-per-cpu"):
    result = run(variation, ["--variation", variation], [])
    check(f"{variation}: the same verdicts", result.verdicts and not different(expected.verdicts, result),
          different(expected.verdicts, result))

# Deadlines have a floor in wall-clock time: a router that is ten times as fast passes on a busy machine.
result = run("fast timers", ["--timing-scale", "0.1"], ["--timing-scale", "0.1"])
check("fast timers: the same verdicts", result.verdicts and not different(expected.verdicts, result),
      different(expected.verdicts, result))

# A control plane that accepts 100 packets per second: the tester becomes slower, and repeats what was lost.
result = run("policed", [], [], Pair(impair=["police=100"]))
check("policed: the same verdicts", result.verdicts and not different(expected.verdicts, result),
      different(expected.verdicts, result))
check("policed: the report says that packets were lost", any("lost packets" in note for note in result.notes),
      result.notes)
finish()
