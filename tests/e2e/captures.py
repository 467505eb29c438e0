#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests every capture in captures/TESTLIST.

tshark with the plugin prints expected.txt, or expected-X.Y.txt of the newest series of Wireshark that is not newer
than this tshark; `secct generate` makes the same file; `secct decode | secct
craft` restores the same octets, times and comments.

usage: captures.py [--update]    --update rewrites NAME.pcapng and the expected output; for another series than that
of expected.txt, it writes expected-X.Y.txt only where the output differs
"""
import collections
import difflib
import functools
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

from _checks import PLUGIN, SECCT, TOP, check, finish

UPDATE = "--update" in sys.argv[1:]
FIRST_SERIES = (4, 0)  # of Wireshark, which prints expected.txt


def run(*words, **options):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, timeout=120, **options).stdout


def tshark(capture, options):
    # run_tshark fails if the plugin is not loaded.
    return run(str(TOP / "tests/e2e/run_tshark"), PLUGIN, "--", "-r", str(capture), "-n", *options,
               text=True)


def rows():
    """Folder -> (arguments of secct generate, lists of tshark options)."""
    found = collections.OrderedDict()
    for line in (TOP / "captures/TESTLIST").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            folder, generate, options = re.fullmatch(r"(\S+)\s+('[^']*'|\S+)\s+(.*)", line).groups()
            options = options.replace("KEYS", "-o secct.key_file:keys.yaml -o secct.learn_sas:TRUE")
            generate = generate.strip("'")
            found.setdefault(folder, (generate, []))[1].append(options)
    return found


def packets(capture):
    """What decode and craft must preserve: octets, nanoseconds, comments."""
    return tshark(capture, ["-x"]) + tshark(
        capture, ["-T", "fields", "-e", "frame.time_epoch", "-e", "frame.comment"])


@functools.cache
def series():
    """The series of tshark: (4, 4)."""
    version = run("tshark", "--version", text=True)
    return tuple(map(int, re.search(r"(\d+)\.(\d+)\.", version).groups()))


def expected_files(folder):
    """Series -> file, for all series that are not newer than tshark."""
    files = {FIRST_SERIES: TOP / "captures" / folder / "expected.txt"}
    for path in (TOP / "captures" / folder).glob("expected-*.txt"):
        files[tuple(map(int, path.stem.removeprefix("expected-").split(".")))] = path
    return {of: path for of, path in sorted(files.items()) if of <= series()}


def update_expected(folder, shown):
    files = expected_files(folder)
    own = files.pop(series(), None)
    inherited = list(files.values())[-1].read_text(encoding="utf-8") if files else None
    if shown != inherited:
        own = own or TOP / "captures" / folder / "expected-{}.{}.txt".format(*series())
        own.write_text(shown, encoding="utf-8")
    elif own:
        own.unlink()


def difference(expected, shown):
    return "\n".join(difflib.unified_diff(expected.splitlines(), shown.splitlines(), "expected", "tshark", lineterm=""))


def check_folder(folder, generate, options, scratch):
    capture = TOP / "captures" / folder / f"{folder}.pcapng"
    keys = capture.with_name("keys.yaml")
    made = {scratch / "fresh.pcapng": capture}
    if any(keys.name in option for option in options):
        made[scratch / keys.name] = keys
    run(SECCT, "generate", *shlex.split(generate), "-w", str(scratch / "fresh.pcapng"),
        "--write-description", str(scratch / keys.name))
    (scratch / keys.name).chmod(0o644)
    for fresh, kept in made.items():
        if UPDATE:
            kept.parent.mkdir(exist_ok=True)
            kept.write_bytes(fresh.read_bytes())
        check(f"{folder}: generate makes the same {kept.name}",
              kept.is_file() and fresh.read_bytes() == kept.read_bytes())

    def show(option):
        words = [word.replace(keys.name, str(scratch / keys.name)) for word in shlex.split(option)]
        return f"$ tshark {option}\n{tshark(capture, words)}"

    shown = "\n".join(show(option) for option in options)
    if UPDATE:
        update_expected(folder, shown)
    path = list(expected_files(folder).values())[-1]
    expected = path.read_text(encoding="utf-8")
    check(f"{folder}: tshark prints {path.name}", shown == expected, difference(expected, shown))

    again = scratch / "again.pcapng"
    document = run(SECCT, "decode", str(capture))
    run(SECCT, "craft", "-", "-w", str(again), input=document)
    check(f"{folder}: decode | craft restores the packets", packets(capture) == packets(again))


def main():
    table = rows()
    on_disk = {path.parent.name for path in (TOP / "captures").glob("*/*.pcapng")}
    check("every capture is listed in TESTLIST", UPDATE or on_disk == set(table), str(on_disk))
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        scratch.chmod(0o755)  # run_tshark may run tshark as user "nobody", idiom: ok
        for folder, (generate, options) in table.items():
            check(f"{folder}: description.md exists",
                  (TOP / "captures" / folder / "description.md").is_file())
            check_folder(folder, generate, options, scratch)
    finish(f"{len(table)} captures are as expected")


main()
