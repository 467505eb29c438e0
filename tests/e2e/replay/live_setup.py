# SPDX-License-Identifier: GPL-2.0-or-later
"""A wrong set-up gets one message that names the line of the router description, within seconds, and no
case fails. Packets that the router has not sent are not judged: the recipe of the README works in namespaces
whose kernels have IPv6 addresses."""
import _netns  # first: restarts the script in its namespaces
import json
import re
import subprocess
import sys
import time

from _checks import check, finish
from _live import DUT, TESTER, Pair, different

pair = Pair(kernel_ipv6=True)

# What is changed in the description of the tester, and the path that the message must name.
WRONG = {
    "SPI of the AH SA from the peer": ("spi: 0x1001", "spi: 0x1011", "router_sas[0]"),
    "key of the AH SA from the peer": ('"0x00010203', '"0x10010203', "router_sas[0]"),
    "SPI of the AH SA from the router": ("spi: 0x1002", "spi: 0x1012", "router_sas[1].spi"),
    "key of the AH SA from the router": ('"0x20212223', '"0x30212223', "router_sas[1].key"),
    "SPI of the ESP SA from the peer": ("spi: 0x2001", "spi: 0x2011", "router_sas[2]"),
    "cipher key of the ESP SA from the peer": ('"0x40414243', '"0x50414243', "router_sas[2]"),
    "key of the ESP SA from the peer": ('"0x50515253', '"0x60515253', "router_sas[2]"),
    "token key": ('"0xa0a1a2a3', '"0xb0a1a2a3', "mobile_nodes.token_key"),
    "key of the mobile nodes' SAs": ('"0xb0b1b2b3', '"0xc0b1b2b3', "mobile_nodes.sa_key"),
    "SPIs of an SA of the mobile nodes": ("spi_base: 0x30000000", "spi_base: 0x38000000",
                                          "mobile_nodes.sas[2].spi_base"),
    "old prefix": ("old_prefix: 2001:db8:10::/64", "old_prefix: 2001:db8:11::/64", "old_prefix"),
    "peer": ("\npeer: 2001:db8:1::1", "\npeer: 2001:db8:1::2", "peer"),
    "MTU": ("mtu: 1500", "mtu: 9000", "mtu"),
    "IPv4 address": ("ipv4: {address: 192.0.2.1,", "ipv4: {address: 192.0.2.9,", "ipv4.address"),
}

router = pair.router()
for name, (right, wrong, path) in WRONG.items():
    assert pair.text.count(right) == 1, right
    text = pair.text.replace(right, wrong)
    line = text[:text.index(wrong)].count("\n") + 1 + wrong.startswith("\n")
    file = pair.write("wrong.yaml", text)
    begun = time.monotonic()
    result = pair.run(file=file)
    place = re.search(r"SETUP: .*?wrong\.yaml:(\d+): ([^ ]+): ", result.stdout)
    check(f"wrong {name}: exit status 3 and one line that names {path}",
          result.returncode == 3 and place and place[2] == path
          and len(result.stdout.strip().splitlines()) == 1, result.stdout)
    check(f"wrong {name}: the message names line {line} or the one where the entry begins",
          place and 0 <= line - int(place[1]) <= 1, result.stdout)
    check(f"wrong {name}: within 20 s", time.monotonic() - begun < 20, time.monotonic() - begun)
    check(f"wrong {name}: no case has a verdict", not result.verdicts, result.verdicts)

for name, (right, wrong, expected) in {
        "address": ("\naddress: 2001:db8:2::1", "\naddress: 2001:db8:2::2", "2001:db8:2::2"),
        "mobile nodes' address": ("mn_address: 2001:db8:2::1", "mn_address: 2001:db8:2::2",
                                  "2001:db8:2::2")}.items():
    result = pair.run(file=pair.write("wrong.yaml", pair.text.replace(right, wrong)))
    check(f"wrong {name}: exit status 3 and the address that does not answer",
          result.returncode == 3 and f"does not answer for {expected}" in result.stdout, result.stdout)

# A link with a smaller MTU than the description.
pair.tester.run("ip", "link", "set", TESTER, "mtu", "1400", check=True)
result = pair.run()
check("MTU of the interface: exit status 3 and both MTUs", result.returncode == 3 and re.search(
    r"SETUP: .*dut\.yaml:\d+: mtu: the description says 1500, but the interface of the tester has 1400",
    result.stdout), result.stdout)
pair.tester.run("ip", "link", "set", TESTER, "mtu", "1500", check=True)

# Another host on the link and the kernels send packets to the addresses of the tester.
STRANGER = """
import socket, sys, time
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind((sys.argv[1], 0))
own = out.getsockname()[4]
to = bytes.fromhex(sys.argv[2].replace(":", ""))
address = lambda text: socket.inet_pton(socket.AF_INET6, text)
def checksum(data):
    data += b"\\0" * (len(data) % 2)
    total = sum(int.from_bytes(data[i:i + 2], "big") for i in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return (~total & 0xffff).to_bytes(2, "big")
def echo(number):
    source, destination = address("2001:db8:77::1"), address("2001:db8:1::1")
    message = bytes([128, 0, 0, 0]) + number.to_bytes(4, "big")
    pseudo = source + destination + len(message).to_bytes(4, "big") + bytes([0, 0, 0, 58])
    message = message[:2] + checksum(pseudo + message) + message[4:]
    return (to + b"\\x02\\x00\\x00\\x00\\x77\\x01" + b"\\x86\\xdd" + bytes([0x60, 0, 0, 0])
            + len(message).to_bytes(2, "big") + bytes([58, 64]) + source + destination + message)
number = 0
while True:
    number += 1
    out.send(echo(number))
    time.sleep(0.01)
"""
mac = json.loads(pair.tester.run("ip", "-json", "link", "show", TESTER, stdout=subprocess.PIPE, text=True,
                                 check=True).stdout)[0]["address"]
quiet = Pair()
reference = quiet.router()
expected = quiet.run()
check("without other packets the suite passes", expected.returncode == 0, expected.stdout[-2000:])
reference.end()
stranger = pair.dut.start(sys.executable, "-c", STRANGER, DUT, mac)
result = pair.run()
stranger.kill()
check("with packets of others: exit status 0", result.returncode == 0, result.stdout[-2000:])
check("with packets of others: the same verdicts", result.verdicts.keys() == expected.verdicts.keys()
      and not different(expected.verdicts, result), different(expected.verdicts, result))
check("with packets of others: the report notes the other host",
      any(re.search(r"not judged: \d+ packets from 2001:db8:77::1 \(ICMPv6 type 128\)", note)
          for note in result.notes), result.notes)
check("with packets of others: the report notes the kernel",
      any(re.search(r"not judged: \d+ packets? from fe80::", note) for note in result.notes), result.notes)
check("the router ends", router.end()[0] == 0)

finish()
