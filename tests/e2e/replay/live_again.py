# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs against a router that is not in its initial state: a second and a third run, and one after `secct
load`, have the verdicts of the first one."""
import _netns  # first: restarts the script in its namespaces
import re

from _checks import check, finish
from _live import Pair, different, summary

pair = Pair()
router = pair.router()
first = pair.run()
check("the first run passes", first.returncode == 0 and "PASS" in first.verdicts.values(), first.stdout)
for number in (2, 3):
    again = pair.run()
    print(*summary(again), flush=True)
    check(f"run {number}: exit status 0", again.returncode == 0, again.stdout[-2000:])
    check(f"run {number}: the same verdicts", again.verdicts.keys() == first.verdicts.keys()
          and not different(first.verdicts, again), different(first.verdicts, again))

for role in ("nr", "pr"):
    for number in (1, 2):
        load = pair.run("--role", role, "--rate", "500", "--duration", "2", command="load")
        counts = re.search(r"(\d+) handovers started, (\d+) completed, (\d+) refused", load.stdout)
        check(f"load {role} {number}: the router refuses no handover",
              counts and int(counts[2]) > 100 and counts[3] == "0", load.stdout)
again = pair.run()
print(*summary(again), *again.notes, sep="\n", flush=True)
check("after load: exit status 0", again.returncode == 0, again.stdout[-2000:])
check("after load: the same verdicts", not different(first.verdicts, again),
      different(first.verdicts, again))
check("after load: the notes say that the sequence numbers continue",
      any("the router has received the sequence numbers up to" in note for note in again.notes),
      again.notes)

few = ("--select", "RELOC-5.2-3", "--first-mobile-node", "500000")
check("chosen mobile nodes: they are new", pair.run(*few).returncode == 0)
used = pair.run(*few)
check("chosen mobile nodes: the second run says that they were used",
      used.returncode == 3 and re.search(r"SETUP: an earlier run has used mobile node 50\d{4}: reset the "
                                         r"router", used.stdout), used.stdout)

check("the router ends", router.end()[0] == 0)

# 100 mobile nodes are too few for the suite, and enough for some runs of one section.
small = pair.write("small.yaml", re.sub(r"count: \d+", "count: 100", pair.text))
router = pair.router(file=small)
result = pair.run(file=small)
check("too few mobile nodes: exit status 3 and their number", result.returncode == 3 and re.search(
    r"the selected cases need \d+ mobile nodes, each of them once; the router description has 100: raise "
    r"mobile_nodes.count", result.stdout), result.stdout)
statuses = []
for _ in range(10):
    result = pair.run("--select", "RELOC-5.2-3", file=small)
    statuses.append(result.returncode)
    check("few mobile nodes: a run passes, or says that the mobile nodes were used",
          result.returncode == 0 or (result.returncode == 3 and "earlier run" in result.stdout),
          result.stdout)
check("few mobile nodes: the first run passes, and the last one finds none",
      statuses[0] == 0 and statuses[-1] == 3, statuses)
check("the router with few mobile nodes ends", router.end()[0] == 0)

finish()
