# SPDX-License-Identifier: GPL-2.0-or-later
"""The packets of malformed.txt. Each breaks exactly the rules that its line names."""

from dataclasses import replace

import packets as p


def change(packet, change_text):
    label, octets = (text.strip() for text in change_text.split("=", 1))
    if label == "@hop":
        headers = [[*packet.headers[0][:-1], octets], *packet.headers[1:]]
        return replace(packet, headers=headers)
    if label == "@source":
        headers = [[packet.headers[0][0], octets, *packet.headers[0][2:]], *packet.headers[1:]]
        return replace(packet, headers=headers)
    return packet.with_part(label, p.hex_octets(octets))


def cases():
    packets = p.read_all()
    text = (p.HERE / "malformed.txt").read_text(encoding="utf-8")
    for line in text.split("\n\n", 1)[1].splitlines():
        if not line.strip():
            continue
        rules, name, *changes = (part.strip() for part in line.split("|"))
        expected = {f"secct.expert.{rule}" for rule in rules.split(",")}
        if name.startswith("+"):
            name = name[1:].strip()
            expected |= set(packets[name].expect["expert"].split(","))
        packet = packets[name]
        for one in changes:
            packet = change(packet, one)
        yield f"{rules}: {name}", packet, sorted(expected)
