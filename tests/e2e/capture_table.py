#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every entry of the tables in tests/captures: captures as people have them, commands, and their results.

    capture_table.py [TOPIC[.PART OF A NAME]]"""

import concurrent.futures
import importlib
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

from _checks import PLUGIN, SECCT, TOP, check, finish

sys.path.insert(0, str(TOP / "tests/captures"))


def words_of(command, values):
    """The words of a command; a placeholder never becomes several words."""
    words = [word.format(**values) for word in shlex.split(command)]
    programs = {"secct": [SECCT], "tshark": [str(TOP / "tests/e2e/run_tshark"), PLUGIN, "--"]}
    return programs.get(words[0], [words[0]]) + words[1:]


def run(entry, folder):
    """Returns what is wrong."""
    made = entry.make(folder)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    values = {"folder": folder, "input": made, "top": TOP}
    result = None
    for number, command in enumerate(entry.commands, 1):
        result = subprocess.run(words_of(command, values), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, timeout=300, check=False)
        if number < len(entry.commands) and result.returncode != 0:
            return [f"{command}: exit status {result.returncode}\n{result.stdout.decode(errors='replace')}"]
    output = result.stdout.decode(errors="replace")
    wrong = []
    if result.returncode != entry.status:
        wrong.append(f"exit status {result.returncode}, expected {entry.status}")
    wrong += [f"does not show {text!r}" for text in entry.shows if not re.search(text, output, re.M)]
    for text in entry.hides:
        found = re.search(text, output, re.M)
        if found:
            wrong.append(f"shows {found[0]!r}: ...{output[max(found.start() - 200, 0):found.end() + 40]}...")
    for name, judge in entry.files.items():
        problem = judge(folder / name)
        if problem:
            wrong.append(f"{name}: {problem}")
    return wrong and [*wrong, output[:2000]]


def check_entry(topic, entry):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        try:
            wrong = run(entry, folder)
        except (OSError, subprocess.SubprocessError, UnicodeError, ValueError) as error:
            wrong = [repr(error)]
        return topic, entry, wrong


def main():
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    rows = []
    for path in sorted((TOP / "tests/captures").glob("[!_]*.py")):
        entries = importlib.import_module(path.stem).ENTRIES
        names = [entry.name for entry in entries]
        check(f"{path.stem}: names are unique", len(set(names)) == len(names), names)
        rows += [(path.stem, entry) for entry in entries if f"{path.stem}.{entry.name}".startswith(wanted)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for topic, entry, wrong in pool.map(lambda row: check_entry(*row), rows):
            check(f"{topic}: {entry.name} ({entry.source})", not wrong, "\n".join(wrong))
    finish(f"{len(rows)} entries")


if __name__ == "__main__":
    sys.exit(main())
