#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An AH and an ESP SA may have the same SPI: the suite passes with such SAs between the routers and of the
mobile nodes, because the tester counts the packets of each SA."""
import pathlib
import subprocess
import tempfile

import yaml

from _checks import SECCT, check, finish
from _descriptions import built_in, sas_of


def between_the_routers(description):
    spis = {"peer": 0x1001, "dut": 0x1002}
    for sa in description["router_sas"]:
        sa["spi"] = spis[sa["from"]]


def of_the_mobile_nodes(description):
    """The SPI of SA i is spi_base + 64 * number of the mobile node + i."""
    sas = sas_of(description)
    for ah, esp in ((0, 2), (1, 3)):
        sas[esp]["spi_base"] = sas[ah]["spi_base"] - (esp - ah)


def both(description):
    between_the_routers(description)
    of_the_mobile_nodes(description)


def main():
    with tempfile.TemporaryDirectory() as folder:
        for change in (between_the_routers, of_the_mobile_nodes, both):
            description = built_in()
            change(description)
            file = pathlib.Path(folder) / f"{change.__name__}.yaml"
            file.write_text(yaml.safe_dump(description), encoding="utf-8")
            done = subprocess.run([SECCT, "run", "--dut", file, "--embedded"], capture_output=True, text=True,
                                  timeout=300, check=False)
            check(f"{change.__name__}: every case is PASS",
                  done.returncode == 0 and "FAIL" not in done.stdout and " PASS" in done.stdout,
                  done.stdout[-2000:] + done.stderr)
            capture = pathlib.Path(folder) / "x.pcapng"
            subprocess.run([SECCT, "generate", "predictive", "--dut", file, "-w", capture], check=True, timeout=60)
            done = subprocess.run([SECCT, "check", capture, "--dut", file], capture_output=True, text=True,
                                  timeout=60, check=False)
            check(f"{change.__name__}: check finds no violation in a generated handover",
                  done.returncode == 0 and "; 0 violations" in done.stdout, done.stdout + done.stderr)
    finish()


main()
