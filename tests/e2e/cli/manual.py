#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Man pages and completions as the build makes them: the same words as --help, no warnings, and the
right words completed in bash (and in zsh and fish where these are there)."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from _checks import SECCT, check, finish


def run(*words, **options):
    return subprocess.run(words, capture_output=True, text=True, timeout=120, check=False, **options)


def plain(page):
    """A page as text, without what terminals add."""
    shown = run("man", "-l", str(page), env={**os.environ, "MANWIDTH": "400", "MAN_KEEP_FORMATTING": "",
                                             "LC_ALL": "C.UTF-8", "MANROFFOPT": "-c"})
    return re.sub(r".\x08", "", shown.stdout)


def flags(command):
    """Option -> description, as --help tells."""
    text = run(SECCT, *command, "--help").stdout
    found = {}
    for line in text.splitlines():
        match = re.match(r"  (-[-\w,]+)(?: [A-Z][A-Z:\[\]. -]*)?(?: in \[.*?\])?(?: \.\.\.)?\s{2,}(\S.*)", line)
        if match:
            for flag in match[1].split(","):
                found[flag] = match[2]
    return found


def commands():
    text = run(SECCT, "--help").stdout
    return re.findall(r"^  (\w+) {2,}", text[text.index("Subcommands:"):], re.M)


def man_pages(folder):
    pages = {page.name for page in folder.glob("*.1")}
    wanted = {"secct.1"} | {f"secct-{name}.1" for name in commands()}
    check("a page for the program and each subcommand", pages == wanted, str(pages ^ wanted))
    for name in sorted(pages):
        page = folder / name
        result = run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", str(page))
        check(f"man --warnings {name}", result.returncode == 0 and not result.stderr, result.stderr)
        if shutil.which("mandoc"):
            result = run("mandoc", "-Tlint", "-Wwarning", str(page))
            check(f"mandoc -Tlint {name}", result.returncode == 0, result.stdout)
        words = [name[len("secct-"):-2]] if name != "secct.1" else []
        text = " ".join(plain(page).split())
        for flag, what in flags(words).items():
            if flag == "-h":
                continue
            check(f"{name} has {flag}", flag in text)
            check(f"{name} says what {flag} does", " ".join(what.split()[:6]) in text, what)
    text = plain(folder / "secct-run.1")
    check("the page has an example", "secct run --select 'RELOC-5.2-*'" in text, text)


def bash(folder, *words):
    """What bash offers for the last one of `words`."""
    script = (f'source "{folder}/secct.bash"\nCOMP_WORDS=({" ".join(words[:-1])} "$LAST")\n'
              f"COMP_CWORD={len(words) - 1}\n_secct\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n")
    result = run("bash", "-c", script, env={**os.environ, "LAST": words[-1]})
    check(f"bash: {' '.join(words)}", not result.stderr, result.stderr)
    return set(result.stdout.split())


def bash_completion(folder):
    names = {kind: set(run(SECCT, "list", kind, "--names").stdout.split())
             for kind in ("cases", "scenarios", "messages", "clauses", "faults", "fields")}
    for kind, found in names.items():
        check(f"secct list {kind} --names", len(found) > 1)
    check("subcommands", bash(folder, SECCT, "") == set(commands()))
    check("none of the hidden ones", "manual" not in bash(folder, SECCT, "m"))
    check("options", {"--select", "--report-dir", "--fault"} <= bash(folder, SECCT, "run", "--"))
    check("options begin as typed", bash(folder, SECCT, "run", "--sel") == {"--select"})
    check("cases", bash(folder, SECCT, "show", "") == names["cases"])
    check("cases after --select", bash(folder, SECCT, "run", "--select", "RELOC-5.2-6") ==
          {name for name in names["cases"] if name.startswith("RELOC-5.2-6")})
    check("scenarios", bash(folder, SECCT, "generate", "") == names["scenarios"])
    check("messages", bash(folder, SECCT, "craft", "--message", "shr") ==
          {name for name in names["messages"] if name.startswith("shr")})
    check("faults", bash(folder, SECCT, "run", "--fault", "hack-id") == {"hack-identifier-not-copied"})
    check("fields, with what follows them", bash(folder, SECCT, "craft", "--set", "secct.sa.sp") ==
          {"secct.sa.spi="})
    check("roles", bash(folder, SECCT, "run", "--role", "") == {"nr", "pr", "fa"})
    check("lists", {"cases", "fields"} <= bash(folder, SECCT, "list", ""))
    check("a value that nobody can know", bash(folder, SECCT, "run", "--jobs", "") == set())
    check("behind an option of the program",
          bash(folder, SECCT, "--codepoints", "x", "sho") == {"show"})
    with tempfile.TemporaryDirectory() as name:
        (pathlib.Path(name) / "trace.pcapng").touch()
        check("files", bash(folder, SECCT, "check", name + "/") == {name + "/trace.pcapng"})


def other_shells(folder):
    if shutil.which("zsh"):
        result = run("zsh", "-n", str(folder / "_secct"))
        check("zsh reads _secct", result.returncode == 0 and not result.stderr, result.stderr)
    if shutil.which("fish"):
        path = f"{pathlib.Path(SECCT).parent}:{os.environ['PATH']}"
        def fish(line):
            result = run("fish", "-c", f"source {folder}/secct.fish; complete -C '{line}'",
                         env={**os.environ, "PATH": path, "HOME": str(folder)})
            check(f"fish: {line}", result.returncode == 0 and not result.stderr, result.stderr)
            return {row.split("\t")[0] for row in result.stdout.splitlines()}
        check("fish: subcommands", fish("secct ") >= set(commands()))
        check("fish: options", fish("secct run --sel") == {"--select"})
        check("fish: cases", "RELOC-5.2-6/by-spi-ports-1" in fish("secct show "))
        check("fish: faults", fish("secct run --fault hack-id") == {"hack-identifier-not-copied"})


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        result = run(SECCT, "manual", name)
        check("secct manual", result.returncode == 0, result.stderr)
        check("it is hidden", "manual" not in run(SECCT, "--help").stdout)
        man_pages(folder)
        bash_completion(folder)
        other_shells(folder)
    result = run(SECCT, "manual", "/proc/no/such/place")
    check("a folder that cannot be", result.returncode == 2 and "/proc/no" in result.stderr,
          result.stderr)
    finish()


main()
