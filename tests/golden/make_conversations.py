#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a capture of conversations in which much goes wrong: losses, repeats, shut windows.

Their numbers pass 2^32, each at another place. Seen from one place on the way, as tcpdump sees
them: what is lost before it is not there, what is lost behind it is.
"""

import argparse
import random
import struct

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
CLIENT, SERVER = "10.1.0.1", "10.1.0.2"


class Capture:
    def __init__(self, file):
        self.file = file
        self.time = 1_700_000_000_000_000
        self.ip_id = 0
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))

    def packet(self, source, target, flags, seq, ack, payload, window, options):
        self.time += 100
        self.ip_id = self.ip_id % 65535 + 1
        options += b"\1" * (-len(options) % 4)
        offset = (20 + len(options)) // 4
        tcp = struct.pack(">HHIIBBHHH", source[1], target[1], seq % 2**32, ack % 2**32,
                          offset << 4, flags, window, 0, 0) + options + b"x" * payload
        addresses = bytes(int(part) for end in (source, target) for part in end[0].split("."))
        packet = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), self.ip_id, 0, 64, 6,
                             0) + addresses + tcp
        self.file.write(struct.pack("<IIII", self.time // 10**6, self.time % 10**6, len(packet),
                                    len(packet)) + packet)


class Conversation:
    """Numbers are relative; c and s send as the client and as the server."""

    def __init__(self, capture, port, j, k, scale=7):
        self.capture = capture
        self.ends = ((CLIENT, port), (SERVER, 10000))
        self.first = (j, k)
        self.scale = scale

    def send(self, who, flags, seq, ack=None, payload=0, window=500, options=b""):
        if ack is not None:
            flags |= ACK
        self.capture.packet(self.ends[who], self.ends[1 - who], flags, self.first[who] + seq,
                            0 if ack is None else self.first[1 - who] + ack, payload, window,
                            options)

    def c(self, seq, ack, payload=0, window=500, flags=0):
        self.send(0, flags, seq, ack, payload, window)

    def s(self, seq, ack, payload=0, window=500, flags=0):
        self.send(1, flags, seq, ack, payload, window)

    def syn(self, who, ack=None):
        options = struct.pack(">BBHBBB", 2, 4, 1460, 3, 3, self.scale)
        self.send(who, SYN, 0, ack, window=64000, options=options)

    def open(self):
        self.syn(0)
        self.syn(1, 1)
        self.c(1, 1)

    def wait(self, ms):
        self.capture.time += ms * 1000

    def close(self, c, s):
        self.s(s, c, flags=FIN)
        self.c(c, s + 1, flags=FIN)
        self.s(s + 1, c + 1)


def orderly(talk):
    talk.s(1, 1, 26, flags=PSH)
    talk.c(1, 27)
    talk.close(1, 27)


def timeout(talk):
    """Lost behind us: seen twice."""
    talk.c(1, 1, 100)
    talk.wait(204)
    talk.c(1, 1, 100)
    talk.s(1, 101)
    talk.close(101, 1)


def hole(talk):
    """Lost before us, and sent again after duplicate ACKs."""
    talk.c(1, 1, 100)
    talk.s(1, 101)
    for i in range(2, 6):
        talk.c(1 + i * 100, 1, 100)
        talk.s(1, 101)
    talk.wait(5)
    talk.c(101, 1, 100)
    talk.s(1, 601)
    talk.close(601, 1)


def late_hole(talk):
    talk.c(1, 1, 100)
    talk.s(1, 101)
    talk.c(201, 1, 100)
    talk.wait(300)
    talk.c(101, 1, 100)
    talk.s(1, 301)
    talk.close(301, 1)


def overtaken(talk):
    talk.c(101, 1, 100)
    talk.c(1, 1, 100)
    talk.s(1, 201)
    talk.close(201, 1)


def spurious(talk):
    talk.c(1, 1, 100)
    talk.s(1, 101)
    talk.wait(204)
    talk.c(1, 1, 100)
    talk.s(1, 101)
    talk.close(101, 1)


def windows(talk):
    talk.s(1, 1, window=2)
    talk.c(1, 1, 2 << talk.scale)
    end = 1 + (2 << talk.scale)
    talk.s(1, end, window=0)
    talk.wait(208)
    talk.c(end - 1, 1)
    talk.s(1, end, window=0)
    talk.wait(400)
    talk.c(end - 1, 1)
    talk.s(1, end, window=300)
    talk.c(end, 1, 100)
    talk.s(1, end + 100, window=300)
    talk.s(1, end + 100, window=400)
    talk.close(end + 100, 1)


def byte_probe(talk):
    talk.s(1, 1, window=0)
    talk.wait(208)
    talk.c(1, 1, 1)
    talk.s(1, 1, window=0)
    talk.wait(400)
    talk.s(1, 1, window=10)
    talk.c(1, 1, 1)
    talk.s(1, 2, window=10)
    talk.close(2, 1)


def keepalives(talk):
    talk.c(1, 1, 100)
    talk.s(1, 101)
    for payload in (0, 1):
        talk.wait(1000)
        talk.c(100, 1, payload)
        talk.s(1, 101)
    talk.close(101, 1)


def bulk(talk):
    for i in range(64):
        talk.c(1 + i * 1000, 1, 1000)
    for i in range(0, 64, 2):
        talk.s(1, 1 + (i + 2) * 1000)
    talk.close(64001, 1)


def lone_acks(talk):
    """What is acknowledged was never seen."""
    talk.s(1, 301)
    talk.s(1, 301)
    talk.close(301, 1)


def syn_again(talk):
    talk.syn(1, 1)
    talk.c(1, 1)
    talk.close(1, 1)


def reset(talk):
    talk.c(1, 1, 100)
    talk.s(1, 101, flags=RST)


STORIES = [orderly, timeout, hole, late_hole, overtaken, spurious, windows, byte_probe, keepalives,
           bulk, lone_acks, syn_again, reset]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    with open(arguments.file, "wb") as file:
        capture = Capture(file)
        port = 40000
        for story in STORIES:
            for _ in range(8):
                port += 1
                j, k = (2**32 - chance.choice([1, 2, 50, 101, 102, 150, 500, 2**31]) for _ in "jk")
                talk = Conversation(capture, port, j, k, chance.choice([0, 2, 7]))
                talk.open()
                story(talk)
                talk.wait(50)


if __name__ == "__main__":
    main()
