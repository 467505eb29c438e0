#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cmake --install --prefix: everything is below the prefix, and works from there."""

import pathlib
import re
import subprocess
import tempfile

from _checks import SECCT, check, finish

BUILD = pathlib.Path(SECCT).resolve().parents[1]


def main():
    with tempfile.TemporaryDirectory() as name:
        prefix = pathlib.Path(name).resolve() / "prefix"
        run = subprocess.run(["cmake", "--install", BUILD, "--prefix", prefix], capture_output=True, text=True, check=False)
        check("cmake --install succeeds", run.returncode == 0, run.stdout + run.stderr)
        written = re.findall(r"^-- (?:Installing|Up-to-date|Set non-toolchain portion of runtime path of): \"?([^\"\n]+)",
                             run.stdout, re.M)
        outside = [path for path in written if not pathlib.Path(path).is_relative_to(prefix)]
        check("nothing is written outside the prefix", written and not outside, outside)

        files = {str(path.relative_to(prefix)) for path in prefix.rglob("*") if path.is_file()}
        for pattern in (r"bin/secct", r"lib/.*wireshark/plugins/\d+\.\d+/epan/secct\.so", r"share/man/man1/secct\.1",
                        r"share/bash-completion/completions/secct", r"share/zsh/vendor-completions/_secct",
                        r"share/fish/vendor_completions\.d/secct\.fish", r"share/secct/suite\.schema\.json",
                        r"share/wireshark/profiles/SecCT/preferences", r"share/doc/secct/clauses\.yaml"):
            check(f"there is {pattern}", any(re.fullmatch(pattern, file) for file in files), "\n".join(sorted(files)))
        version = subprocess.run([prefix / "bin/secct", "--version"], capture_output=True, text=True, check=False)
        check("the program runs", re.fullmatch(r"secct [\d.]+\nbuilt with libwiretap of Wireshark [\d.]+, libtins [\d.]+, "
                                               r"libpcap [\d.]+\n", version.stdout), version.stdout + version.stderr)
    finish()


main()
