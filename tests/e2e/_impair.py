# SPDX-License-Identifier: GPL-2.0-or-later
"""A bridge between two interfaces that delays, reorders, duplicates and loses frames.

usage: _impair.py A B KEY=VALUE...    prints "ready"

The keys are delay and jitter in seconds, loss, duplicate and reorder as probabilities (a reordered frame
is not delayed), police, which drops what A sends above this number of frames per second, and seed. It
replaces netem, which not every kernel has."""
import heapq
import random
import select
import socket
import struct
import sys
import time

first, second, *settings = sys.argv[1:]
values = {"delay": 0.0, "jitter": 0.0, "loss": 0.0, "duplicate": 0.0, "reorder": 0.0, "police": 0.0, "seed": 1.0}
for setting in settings:
    key, value = setting.split("=")
    values[key] = float(value)
chance = random.Random(values["seed"])

SOL_PACKET = 263
PACKET_ADD_MEMBERSHIP = 1
PACKET_MR_PROMISC = 1
PACKET_OUTGOING = 4
ETH_P_ALL = 3
ends = []
for name in (first, second):
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    end.bind((name, ETH_P_ALL))
    end.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP,
                   struct.pack("IHH8s", socket.if_nametoindex(name), PACKET_MR_PROMISC, 0, b""))
    ends.append(end)

delayed = []  # (due time, number, end, frame)
number = 0
BURST = 32  # frames that `police` permits at once
tokens, filled = float(BURST), time.monotonic()
print("ready", flush=True)
while True:
    wait = max(0.0, delayed[0][0] - time.monotonic()) if delayed else None
    for end in select.select(ends, [], [], wait)[0]:
        try:
            frame, address = end.recvfrom(65536)
        except OSError:  # the other namespace has ended
            sys.exit()
        if address[2] == PACKET_OUTGOING or chance.random() < values["loss"]:
            continue
        if values["police"] and end is ends[0]:
            present = time.monotonic()
            tokens = min(BURST, tokens + (present - filled) * values["police"])
            filled = present
            if tokens < 1:
                continue
            tokens -= 1
        other = ends[1] if end is ends[0] else ends[0]
        for _ in range(2 if chance.random() < values["duplicate"] else 1):
            late = max(0.0, values["delay"] + chance.uniform(-1, 1) * values["jitter"])
            if chance.random() < values["reorder"]:
                late = 0.0
            number += 1
            heapq.heappush(delayed, (time.monotonic() + late, number, other, frame))
    while delayed and delayed[0][0] <= time.monotonic():
        _, _, end, frame = heapq.heappop(delayed)
        try:
            end.send(frame)
        except OSError:
            pass
