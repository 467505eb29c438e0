#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""report.xml is valid JUnit, report.json is as docs/cli.md says, and tshark reads the captures."""

import json
import pathlib
import subprocess
import tempfile

from lxml import etree  # Debian package python3-lxml

from _checks import PLUGIN, SECCT, TOP, check, finish
from _report import VERDICTS, run_mixed_suite


def junit(out, strict):
    schema = etree.XMLSchema(etree.parse(str(TOP / "tests/e2e/replay/junit.xsd")))
    tree = etree.parse(str(out / "report.xml"))
    check("report.xml is valid", schema.validate(tree), str(schema.error_log))
    suites = tree.getroot().findall("testsuite")
    counts = {key: sum(int(suite.get(key)) for suite in suites)
              for key in ("tests", "failures", "errors", "skipped")}
    loose = VERDICTS["NON-STRICT"] if strict else 0
    check("report.xml has the right counts", counts == {"tests": sum(VERDICTS.values()),
                                          "failures": VERDICTS["FAIL"] + loose,
                                          "errors": VERDICTS["SETUP-FAIL"],
                                          "skipped": VERDICTS["UNSUPPORTED"]}, str(counts))
    for kind in ("failure", "error", "skipped"):
        found = sum(len(suite.findall(f"testcase/{kind}")) for suite in suites)
        wanted = counts[{"failure": "failures", "error": "errors"}.get(kind, kind)]
        check(f"the number of <{kind}> elements is the count", found == wanted, str(found))
    # The schema must be able to reject a report.
    suites[0].set("tests", "many")
    check("a wrong count is not valid", not schema.validate(tree))


def report_json(out):
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    check("report.json has the right summary", report["summary"] == VERDICTS, str(report["summary"]))
    for case in report["cases"]:
        for key in ("id", "title", "role", "clauses", "verdict", "reason", "duration_s", "pcap"):
            check(f"{case.get('id')} has {key}", key in case)
        check(f"{case['id']}: a reason exactly if it is not PASS",
              (case["verdict"] == "PASS") == (case["reason"] == ""))
        check(f"{case['id']}: the capture exists", (out / case["pcap"]).is_file())
        for step in case["steps"]:
            wrong = [row for row in step["compared"] if not row["good"]]
            check(f"{case['id']}: {step['text'][0]}: a wrong value fails the step",
                  not wrong or step["state"] == "failed")
    return {case["id"]: case for case in report["cases"]}


def captures(out, cases):
    case = cases["MIX/wrong-status"]
    result = subprocess.run(
        [str(TOP / "tests/e2e/run_tshark"), PLUGIN, "--", "-r", str(out / case["pcap"]),
         "-T", "fields", "-e", "frame.number", "-e", "secct.message", "-e", "frame.comment"],
        capture_output=True, text=True, timeout=120, check=False)
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    check("tshark reads the capture of a case", [row[:2] for row in rows] == [["1", "3"], ["2", "4"]],
          result.stdout + result.stderr)
    marked = [row[0] for row in rows if "FAIL RELOC-4-7: secct.status" in row[2]]
    check("the comment of the failing packet has the failure",
          marked == [str(case["violations"][0]["packet"])], result.stdout)


def faulty_router():
    with tempfile.TemporaryDirectory() as name:
        result = subprocess.run([SECCT, "run", "--fault", "hack-identifier-not-copied", "--report-dir",
                                 name], capture_output=True, text=True, timeout=120, check=False)
        check("a faulty router fails: exit status 1", result.returncode == 1, result.stdout + result.stderr)
        report = json.loads((pathlib.Path(name) / "report.json").read_text(encoding="utf-8"))
        wrong = [case for case in report["cases"] if case["verdict"] == "FAIL"]
        check("report.json names the wrong field",
              any(row["field"] == "secct.identifier" for case in wrong
                  for row in case["violations"]), str(wrong)[:2000])


def main():
    with tempfile.TemporaryDirectory() as name:
        out = run_mixed_suite(pathlib.Path(name))
        junit(out, strict=False)
        captures(out, report_json(out))
    with tempfile.TemporaryDirectory() as name:
        junit(run_mixed_suite(pathlib.Path(name), "--strict"), strict=True)
    faulty_router()
    finish()


main()
