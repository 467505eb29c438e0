#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the command of every console block in README.md and compares its output.

usage: readme.py [--update]    --update replaces the output in README.md
"""
import re
import shlex
import subprocess
import sys

from _checks import PLUGIN, SECCT, TOP

README = TOP / "README.md"


def output_of(command):
    words = shlex.split(command)
    if words[0] == "secct":
        words[0] = SECCT
    elif words[0] == "tshark":
        words = [str(TOP / "tests/e2e/run_tshark"), PLUGIN, "--", *words[1:]]
    else:
        sys.exit(f"README.md: expected a secct or tshark command, found {command}")
    # The error message of a failing command is part of its output, as in a terminal.
    run = subprocess.run(words, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                         timeout=60, check=False)
    return "\n".join(line.rstrip() for line in run.stdout.rstrip().splitlines())


def main():
    text = README.read_text(encoding="utf-8")
    wrong = []

    def block(match):
        command, shown = match.group(1), match.group(2).rstrip()
        now = output_of(command)
        if shown != now:
            wrong.append(f"$ {command}\n--- README.md\n{shown}\n--- now\n{now}\n")
        return f"```console\n$ {command}\n{now}\n```"

    new, count = re.subn(r"```console\n\$ (.*)\n([^`]*?)```", block, text)
    if count == 0:
        sys.exit("README.md has no console block")
    if "--update" in sys.argv[1:]:
        README.write_text(new, encoding="utf-8")
        print(f"README.md: {len(wrong)} of {count} blocks updated")
    elif wrong:
        sys.exit("README.md is out of date; run tests/e2e/readme.py --update\n\n" + "\n".join(wrong))
    else:
        print(f"README.md: {count} blocks are up to date")


main()
