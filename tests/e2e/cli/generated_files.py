#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""packaging/generate-files: manual pages with the texts of --help, completions, schemas."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from _checks import SECCT, TOP, check, finish


def run(*words, **options):
    return subprocess.run(words, capture_output=True, text=True, timeout=120, check=False, **options)


def plain(page):
    """Returns the text of a manual page without the formatting for terminals."""
    shown = run("man", "-l", str(page), env={**os.environ, "MANWIDTH": "400", "MAN_KEEP_FORMATTING": "",
                                             "LC_ALL": "C.UTF-8", "MANROFFOPT": "-c"})
    return re.sub(r".\x08", "", shown.stdout)


def options_in_help(command):
    """Option -> description, from --help. Descriptions may have several lines."""
    found = {}
    flags = []
    for line in run(SECCT, *command, "--help").stdout.splitlines():
        match = re.match(r"  (-.*?)(?:  +(\S.*))?$", line)
        if match:
            flags = re.findall(r"(?:^|, )(--?[\w-]+)", match[1])
            found |= {flag: match[2] or "" for flag in flags}
        elif line.startswith(" " * 28):
            for flag in flags:
                found[flag] = f"{found[flag]} {line.strip()}".strip()
        else:
            flags = []
    return found


def commands():
    text = run(SECCT, "--help").stdout
    return re.findall(r"^  (\w+) {2,}", text[text.index("Subcommands:"):], re.M)


def man_pages(folder):
    pages = {page.name for page in folder.glob("*.1")}
    wanted = {"secct.1"} | {f"secct-{name}.1" for name in commands()}
    check("the program and each subcommand have a page", pages == wanted, str(pages ^ wanted))
    for name in sorted(pages):
        page = folder / name
        result = run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", str(page))
        check(f"{name}: man has no warnings", result.returncode == 0 and not result.stderr, result.stderr)
        if shutil.which("mandoc"):
            result = run("mandoc", "-Tlint", "-Wwarning", str(page))
            check(f"{name}: mandoc -Tlint has no warnings", result.returncode == 0, result.stdout)
        command = [name[len("secct-"):-2]] if name != "secct.1" else []
        text = " ".join(plain(page).split())
        options = options_in_help(command)
        check(f"{name}: --help has options", len(options) >= 4, options)
        for flag, description in options.items():
            check(f"{name} has {flag}", flag in text)
            check(f"{name} has the description of {flag}", description and description in text,
                  description)
        for section in ("NAME", "SYNOPSIS", "EXIT STATUS", "SEE ALSO"):
            check(f"{name} has the section {section}", section in text)
    text = plain(folder / "secct-run.1")
    check("secct-run.1 has an example", "secct run --select 'RELOC-5.2-*'" in text, text)


def bash(folder, *words):
    """Returns the completions that bash offers for the last of `words`."""
    script = (f'source "{folder}/secct.bash"\nCOMP_WORDS=({" ".join(words[:-1])} "$LAST")\n'
              f"COMP_CWORD={len(words) - 1}\n_secct\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n")
    result = run("bash", "-c", script, env={**os.environ, "LAST": words[-1]})
    check(f"bash: {' '.join(words)}: no errors", not result.stderr, result.stderr)
    return set(result.stdout.split())


def bash_completion(folder):
    names = {kind: set(run(SECCT, "list", kind, "--names").stdout.split())
             for kind in ("cases", "scenarios", "messages", "clauses", "faults", "fields")}
    for kind, found in names.items():
        check(f"secct list {kind} --names prints names", len(found) > 1)
    check("bash: subcommands", bash(folder, SECCT, "") == set(commands()))
    check("bash: not the hidden subcommand", "completion" not in bash(folder, SECCT, "c"))
    check("bash: options", {"--select", "--report-dir", "--fault"} <= bash(folder, SECCT, "run", "--"))
    check("bash: options that begin with the typed text", bash(folder, SECCT, "run", "--sel") == {"--select"})
    check("bash: cases", bash(folder, SECCT, "show", "") == names["cases"])
    check("bash: cases after --select", bash(folder, SECCT, "run", "--select", "RELOC-5.2-6") ==
          {name for name in names["cases"] if name.startswith("RELOC-5.2-6")})
    check("bash: scenarios", bash(folder, SECCT, "generate", "") == names["scenarios"])
    check("bash: messages", bash(folder, SECCT, "craft", "--message", "shr") ==
          {name for name in names["messages"] if name.startswith("shr")})
    check("bash: faults", bash(folder, SECCT, "run", "--fault", "hack-identifier-not") == {"hack-identifier-not-copied"})
    check("bash: fields with =", bash(folder, SECCT, "craft", "--set", "secct.sa.sp") ==
          {"secct.sa.spi="})
    check("bash: roles", bash(folder, SECCT, "run", "--role", "") == {"nr", "pr", "fa"})
    check("bash: lists", {"cases", "fields"} <= bash(folder, SECCT, "list", ""))
    check("bash: nothing for a number", bash(folder, SECCT, "run", "--jobs", "") == set())
    check("bash: subcommands after a global option",
          bash(folder, SECCT, "--codepoints", "x", "sho") == {"show"})
    with tempfile.TemporaryDirectory() as name:
        (pathlib.Path(name) / "trace.pcapng").touch()
        check("bash: files", bash(folder, SECCT, "check", name + "/") == {name + "/trace.pcapng"})


def other_shells(folder):
    if shutil.which("zsh"):
        result = run("zsh", "-n", str(folder / "secct.zsh"))
        check("zsh: the script is valid", result.returncode == 0 and not result.stderr, result.stderr)
    if shutil.which("fish"):
        path = f"{pathlib.Path(SECCT).parent}:{os.environ['PATH']}"
        def fish(line):
            result = run("fish", "-c", f"source {folder}/secct.fish; complete -C '{line}'",
                         env={**os.environ, "PATH": path, "HOME": str(folder)})
            check(f"fish: {line}: no errors", result.returncode == 0 and not result.stderr, result.stderr)
            return {row.split("\t")[0] for row in result.stdout.splitlines()}
        check("fish: subcommands", fish("secct ") >= set(commands()))
        check("fish: options", fish("secct run --sel") == {"--select"})
        check("fish: cases", "RELOC-5.2-6/by-spi-ports-1" in fish("secct show "))
        check("fish: faults", fish("secct run --fault hack-identifier-not") == {"hack-identifier-not-copied"})


def schemas(folder):
    names = {path.name for path in folder.glob("*.json")}
    check("the JSON schemas are generated", names == {"packet-document.schema.json", "suite.schema.json"},
          names)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        result = run(str(TOP / "packaging/generate-files"), SECCT, name)
        check("generate-files: exit status 0", result.returncode == 0, result.stderr)
        check("secct completion is hidden", "completion" not in run(SECCT, "--help").stdout)
        man_pages(folder)
        bash_completion(folder)
        other_shells(folder)
        schemas(folder)
    finish()


main()
