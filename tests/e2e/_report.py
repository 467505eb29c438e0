# SPDX-License-Identifier: GPL-2.0-or-later
"""A suite with every kind of verdict, and its reports."""

import subprocess

from _checks import DESCRIPTION, SECCT

# A title is text from a file and may be hostile.
SUITE = """
section: RELOC 5.2
cases:
  - id: MIX/right
    title: R1 returns all SAs
    role: pr
    clauses: [RELOC-5.2-2, FRAME-4.4-2]
    steps:
      - send: shreq
      - expect: shrep
        fields: {secct.status: 200}
        contexts: all
  - id: MIX/wrong-status
    title: '<script>document.title = "owned"</script><img src=x onerror="document.title=1">'
    role: pr
    clauses: [RELOC-4-7]
    steps:
      - send: shreq
      - expect: shrep
        fields: {secct.naddr: $naddr, secct.status: 105}
      - expect-nothing: 0.1
  - id: MIX/loose
    title: another error status
    role: pr
    clauses: [RELOC-5.4-105]
    steps:
      - send: shreq
        set: {secct.auth.token: 1}
      - expect: shrep
        fields: {secct.status: 104}
  - id: MIX/control
    title: a control that fails
    role: pr
    clauses: [RELOC-5.4-102]
    steps:
      - send: shreq
      - expect: shrep
        fields: {secct.status: 100}
    mutate:
      send: shreq
      set: {secct.req.spt: 9}
      then: [{expect: shrep}]
  - id: MIX/unsupported
    title: a case that needs a capability that the router does not declare
    role: pr
    clauses: [RELOC-5-2]
    needs: [mip4]
    steps: [{send: shreq}, {expect: shrep}]
  - id: MIX/reactive
    title: a complete handover
    role: nr
    clauses: [RELOC-4-5, RELOC-4-12]
    steps:
      - send: shin
      - expect: shreq
        check: verbatim
      - send: shrep
      - expect: shrep-ack
      - expect: shak
        under: transferred
"""
VERDICTS = {"PASS": 2, "NON-STRICT": 1, "FAIL": 1, "SETUP-FAIL": 1, "UNSUPPORTED": 1,
            "INCONCLUSIVE": 0, "TOOL-ERROR": 0}


def run_mixed_suite(folder, *options):
    """Runs SUITE with --report-dir FOLDER/out and returns that folder."""
    suite = folder / "suite"
    suite.mkdir(exist_ok=True)
    (suite / "mixed.yaml").write_text(SUITE, encoding="utf-8")
    text = DESCRIPTION.read_text(encoding="utf-8")
    assert ", mip4]" in text
    dut = folder / "dut.yaml"
    dut.write_text(text.replace(", mip4]", "]"), encoding="utf-8")
    out = folder / "out"
    result = subprocess.run([SECCT, "run", "--dut", str(dut), "--embedded", "--suite", str(suite),
                             "--report-dir", str(out), *options],
                            capture_output=True, text=True, timeout=120, check=False)
    if result.returncode != 1:
        raise SystemExit(f"secct run: status {result.returncode}, expected 1\n"
                         f"{result.stdout}{result.stderr}")
    return out
