#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every scenario of `secct generate` in tshark with the plugin and the scenario's keys.

No expert information but the expected one, every token and ICV good, and data under a handed-over
SA decrypted; with the contexts under AH and under ESP.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

TOP = pathlib.Path(os.environ.get("SECCT_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
SECCT = os.environ.get("SECCT", str(TOP / "build/release/cli/secct"))
PLUGIN = os.environ.get("SECCT_PLUGIN", str(TOP / "build/release/dissector/secct.so"))

HANDOVERS = 3
FAILED = "The transfer failed"
AGAIN = "Retransmission"
NO_REPLY = "No reply in this capture"
BAD_TOKEN = "Authentication token is wrong"

# What is expected of those scenarios that are not all well: texts of expert information.
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
# Tokens that are not good: of a mobile node that nobody knows (no key), and forged ones.
TOKENS = {"status-104": {"2"}, "status-105": {"0"}}

failures = []


def run(*words):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, timeout=300, text=True).stdout


def check(what, good, detail):
    if not good:
        failures.append(what)
        print(f"FAIL {what}: {detail}")


def look(name, scratch, confidential):
    capture, keys = scratch / "s.pcapng", scratch / "s.yaml"
    run(SECCT, "generate", name, "--handovers", str(HANDOVERS), "-w", str(capture),
        "--write-description", str(keys), *(["--confidential"] if confidential else []))
    keys.chmod(0o644)
    fields = ["frame.number", "frame.comment", "_ws.expert.message", "secct.auth.status",
              "secct.icv.status", "secct.sa.learnt_in", "frame.protocols"]
    rows = run(str(TOP / "tests/e2e/run_tshark"), PLUGIN, "--", "-r", str(capture), "-2",
               "-o", f"secct.key_file:{keys}", "-o", "secct.learn_sas:TRUE", "-T", "fields",
               "-E", "separator=/t", "-E", "aggregator=|", *sum((["-e", f] for f in fields), []))
    what = f"{name}{' confidential' if confidential else ''}"
    experts, tokens, data, protected = set(), set(), 0, 0
    for line in rows.splitlines():
        number, comment, expert, token, icv, learnt, protocols = line.split("\t")
        for text in expert.split("|"):
            if text and text != comment:  # comments come by the same field
                experts.add(text.split(" [")[0].split(":")[0])
        tokens.update(filter(None, token.split("|")))
        check(f"{what}: frame {number}", "0" not in icv.split("|"), "ICV bad")
        if "handed-over SA" in comment:
            data += 1
            check(f"{what}: frame {number}", learnt and not protocols.endswith("esp"),
                  f"not opened: {protocols}")
        if "secct" in protocols and "icmpv6" in protocols:
            protected += 1
            check(f"{what}: frame {number}", "1" in icv.split("|"), "ICV not verified")
    check(f"{what}: expert information", experts == EXPECTED.get(name, set()), experts)
    check(f"{what}: tokens", tokens <= TOKENS.get(name, {"1"}) and tokens, tokens)
    return data, protected


def main():
    names = [line.split()[0] for line in run(SECCT, "list", "scenarios").splitlines()]
    unknown = (set(EXPECTED) | set(TOKENS)) - set(names)
    check("expectations of scenarios that there are", not unknown, unknown)
    data = protected = 0
    with tempfile.TemporaryDirectory() as scratch:
        os.chmod(scratch, 0o755)  # tshark runs as nobody
        for name in names:
            for confidential in (False, True):
                found = look(name, pathlib.Path(scratch), confidential)
                data += found[0]
                protected += found[1]
    check("data was looked at", data > 100 and protected > 100, (data, protected))
    if failures:
        sys.exit(f"{len(failures)} failed")
    print(f"{len(names)} scenarios are as expected, {data} packets under handed-over SAs opened")


main()
