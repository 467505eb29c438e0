# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin and `secct check` say the same about every message: its handover, its request, what it
repeats, and the rules that it breaks. They share decoder and conversation engine, but each finds the
messages, verifies AH and decrypts ESP in its own way.

Inputs: the captures, every scenario in clear and under ESP, all malformed packets; and of these, packets
cut at many lengths, every third packet left out, every packet twice. The plugin runs in one pass and in
two, which must agree too."""

import collections
import concurrent.futures
import json
import pathlib
import re
import subprocess
import tempfile

from _checks import PLUGIN, SECCT, TOP, check, finish

RELATIONS = ["secct.handover", "secct.response_to", "secct.retransmission_of"]
SNAPLENS = range(60, 601, 30)
CUT = ["predictive-mobile", "retransmissions", "esp", "mip4"]

# Rules that only one of the two can see, with the reason.
ONLY_PLUGIN = {
    "reply_missing": "check counts handovers without SHAK instead",
    "reply_hidden": "likewise",
}
# Malformed packets after which the two see a handover differently, with the reason.
DIFFERENT = {
    "shrep-fragments-overlap": "Wireshark reassembles overlapping fragments; RFC 5722 forbids it",
    "shrep-fragments-overlap-other-octets": "likewise",
    "shreq-payload-length-long": "Wireshark ignores the excess of the payload length; to check the packet is cut",
    "shreq-payload-length-zero": "Wireshark shows no payload; check reads it as before segmentation offload",
}
ONLY_CHECK = {
    "not_confidential": "the plugin does not know the policies of the routers",
}
# In one pass the plugin does not know later frames.
LATER = {"reply_missing", "reply_hidden", "shak_early"}


def run(*words, ok=(0,)):
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=300)  # fmt: skip
    if done.returncode not in ok:
        raise SystemExit(f"{words}\nexit {done.returncode}\n{done.stderr}")
    return done.stdout


def rule_names():
    """The filter names of the rules of messages and of the conversation."""
    names = {}
    text = (TOP / "conversation/rules.def").read_text(encoding="utf-8")
    names.update(dict.fromkeys(re.findall(r'^CONVERSATION_RULE\(\w+, "(\w+)"', text, re.M)))
    text = (TOP / "protocol/tables/rules.def").read_text(encoding="utf-8")
    names.update(dict.fromkeys(re.findall(r"^RULE\((\w+),", text, re.M)))
    return list(names)


RULES = rule_names()


def from_plugin(capture, keys, passes):
    """Frame -> (relations, rules), for all frames with a SecCT message or a broken rule; and the frames that
    cannot be compared: ESP under an SA of the mobile node that no message hands over, whose keys check has
    from the description, and packets after which the two differ."""
    names = ["frame.number", "frame.comment", "esp.spi", "secct.message", *RELATIONS]
    names += [f"secct.expert.{name}" for name in RULES]
    fields = [word for name in names for word in ("-e", name)]
    text = run(TOP / "tests/e2e/run_tshark", PLUGIN, "--", "-r", capture, "-n", *passes,
               "-o", "secct.learn_sas:TRUE", "-o", f"secct.key_file:{keys}",
               "-T", "fields", "-E", "separator=/t", "-E", "aggregator=,", *fields)  # fmt: skip
    found, other = {}, set()
    for line in text.splitlines():
        number, comment, spi, message, *rest = line.split("\t")
        relations = [sorted(set(value.split(","))) if value else [] for value in rest[: len(RELATIONS)]]
        rules = {name for name, mark in zip(RULES, rest[len(RELATIONS) :]) if mark}
        if message or rules:
            found[int(number)] = (relations, rules)
        if spi and not message or comment.removeprefix("malformed ").split(":")[0] in DIFFERENT:
            other.add(int(number))
    return found, other


def from_check(capture, keys):
    """The same from `secct check --messages`."""
    found = collections.defaultdict(lambda: ([[] for _ in RELATIONS], set()))
    for line in run(SECCT, "check", "--messages", "--dut", keys, capture, ok=(0, 1, 2)).splitlines():
        entry = json.loads(line)
        relations, rules = found[entry["frame"]]
        for value, name in zip(relations, RELATIONS):
            number = entry.get(name.removeprefix("secct."), 0)
            if number and str(number) not in value:
                value.append(str(number))
                value.sort()
        rules.update(entry["rules"])
    return dict(found)


def differences(one, other, ignored, left_out=frozenset()):
    """`left_out`: frames; their handovers are left out too."""
    handovers = {number for frame in left_out for found in (one, other) if frame in found
                 for number in found[frame][0][0]}  # fmt: skip
    lines = []
    for frame in sorted((one.keys() | other.keys()) - left_out):
        nothing = ([[] for _ in RELATIONS], set())
        a, b = one.get(frame, nothing), other.get(frame, nothing)
        if handovers.intersection(a[0][0] + b[0][0]):
            continue
        rules = a[1] - ignored, b[1] - ignored
        if a[0] != b[0] or rules[0] != rules[1]:
            lines.append(f"frame {frame}: {a[0]} {sorted(rules[0])}\n{'':{len(str(frame)) + 6}}: "
                         f"{b[0]} {sorted(rules[1])}")  # fmt: skip
    return lines[:20]


def compare(title, capture, keys):
    """Returns (title of the check, whether it passed, details) for each check."""
    two, left_out = from_plugin(capture, keys, ["-2"])
    one, _ = from_plugin(capture, keys, [])
    checked = from_check(capture, keys)
    passes = differences(two, one, LATER)
    both = differences(two, checked, set(ONLY_PLUGIN) | set(ONLY_CHECK), left_out)
    return [(f"{title}: the plugin finds messages", bool(two) or "cut at" in title, ""),
            (f"{title}: two passes and one pass", not passes, "\n".join(passes)),
            (f"{title}: the plugin and check", not both, "\n".join(both))]  # fmt: skip


def readable(path):
    path.chmod(0o644)
    return path


def inputs(folder):
    """Title, capture and key file of each input."""
    built_in = folder / "built_in.yaml"
    run(SECCT, "generate", "reactive", "-w", folder / "unused.pcapng", "--write-description", built_in)
    readable(built_in)
    kept = []
    for capture in sorted(TOP.glob("captures/*/*.pcapng")):
        keys = capture.with_name("keys.yaml")
        kept.append((capture.stem, capture, keys if keys.exists() else built_in))
    for name in run(SECCT, "list", "scenarios", "--names").split():
        for option in ("--no-confidential", "--confidential"):
            path = folder / f"{name}{option}.pcapng"
            keys = folder / f"{name}{option}.yaml"
            run(SECCT, "generate", name, option, "-w", path, "--write-description", keys)
            kept.append((f"{name} {option}", readable(path), readable(keys)))
    yield from kept
    for title, capture, keys in kept:
        name = re.sub(r"\W+", "-", title)
        if title == "malformed" or title.endswith("--no-confidential"):
            continue
        frames = run("capinfos", "-Mrc", capture).split()[-1]
        left_out = folder / f"{name}-third.pcapng"
        run("editcap", capture, left_out, *range(3, int(frames) + 1, 3))
        yield f"{title}, every third packet left out", readable(left_out), keys
        doubled = folder / f"{name}-doubled.pcapng"
        run("mergecap", "-w", doubled, capture, capture)
        yield f"{title}, every packet twice", readable(doubled), keys
        if title in CUT:
            for snaplen in SNAPLENS:
                cut = folder / f"{name}-{snaplen}.pcapng"
                run("editcap", "-s", snaplen, capture, cut)
                yield f"{title} cut at {snaplen}", readable(cut), keys


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for results in pool.map(lambda row: compare(*row), inputs(folder)):
                for result in results:
                    check(*result)
    finish()


main()
