#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every scenario of `secct generate` in tshark with the plugin and the keys of the scenario.

tshark shows only the expected expert information, verifies every token and ICV, and decrypts data under
transferred SAs; with the contexts under AH and under ESP.
"""
import os
import pathlib
import subprocess
import tempfile

from _checks import PLUGIN, SECCT, TOP, check, finish

HANDOVERS = 3
FAILED = "Transfer failed"
AGAIN = "Retransmission"
NO_REPLY = "No reply in this capture"
BAD_TOKEN = "Authentication token is wrong"

# Expert information of the scenarios that are not free of it.
EXPECTED = {
    "fallback": {AGAIN, NO_REPLY},
    "retransmissions": {AGAIN},
    "no-answer": {AGAIN, NO_REPLY, FAILED},
    "spi-conflict-deny": {FAILED},
    "status-100": {FAILED, "Naddr is unspecified, multicast or link-local"},
    "status-101": {FAILED},
    "status-102": {FAILED, "Unknown Req-SPT"},
    "status-103": {FAILED},
    "status-104": {FAILED},
    "status-105": {FAILED, BAD_TOKEN},
    "status-106": {FAILED},
}
# Token statuses other than verified (1): no key for the mobile node (2), wrong (0).
TOKENS = {"status-104": {"2"}, "status-105": {"0"}}


def run(*words):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, timeout=300, text=True).stdout


def check_scenario(name, scratch, confidential):
    """Returns the numbers of packets under transferred SAs and of ICMPv6 messages."""
    capture, keys = scratch / "s.pcapng", scratch / "s.yaml"
    run(SECCT, "generate", name, "--handovers", str(HANDOVERS), "-w", str(capture),
        "--write-description", str(keys), *(["--confidential"] if confidential else []))
    keys.chmod(0o644)
    fields = ["frame.number", "frame.comment", "_ws.expert.message", "secct.auth.status",
              "secct.icv.status", "secct.sa.learnt_in", "frame.protocols"]
    rows = run(str(TOP / "tests/e2e/run_tshark"), PLUGIN, "--", "-r", str(capture), "-2",
               "-o", f"secct.key_file:{keys}", "-o", "secct.learn_sas:TRUE", "-T", "fields",
               "-E", "separator=/t", "-E", "aggregator=|", *sum((["-e", f] for f in fields), []))
    title = f"{name}{' confidential' if confidential else ''}"
    experts, tokens, data, protected = set(), set(), 0, 0
    for line in rows.splitlines():
        number, comment, expert, token, icv, learnt, protocols = line.split("\t")
        for text in expert.split("|"):
            # tshark shows comments as expert information. It pairs echoes in the first pass only, in which
            # packets before the SHREP are not decrypted.
            if text and text != comment and not text.startswith("No response seen to ICMPv6 request"):
                experts.add(text.split(" [")[0].split(":")[0])
        tokens.update(filter(None, token.split("|")))
        check(f"{title}: frame {number}: no wrong ICV", "0" not in icv.split("|"))
        if "transferred SA" in comment:
            data += 1
            check(f"{title}: frame {number} is decrypted", learnt and not protocols.endswith("esp"),
                  protocols)
        if "secct" in protocols and "icmpv6" in protocols:
            protected += 1
            check(f"{title}: frame {number}: ICV verified", "1" in icv.split("|"))
    check(f"{title}: expert information", experts == EXPECTED.get(name, set()), experts)
    check(f"{title}: tokens", tokens <= TOKENS.get(name, {"1"}) and tokens, tokens)
    return data, protected


def main():
    names = [line.split()[0] for line in run(SECCT, "list", "scenarios").splitlines()]
    unknown = (set(EXPECTED) | set(TOKENS)) - set(names)
    check("EXPECTED and TOKENS name existing scenarios", not unknown, unknown)
    data = protected = 0
    with tempfile.TemporaryDirectory() as scratch:
        os.chmod(scratch, 0o755)  # run_tshark may run tshark as user "nobody", idiom: ok
        for name in names:
            for confidential in (False, True):
                found = check_scenario(name, pathlib.Path(scratch), confidential)
                data += found[0]
                protected += found[1]
    check("the scenarios have data and protected messages", data > 100 and protected > 100,
          (data, protected))
    finish(f"{len(names)} scenarios are as expected, {data} packets under transferred SAs decrypted")


main()
