#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Gives a recording another clock: as if its host's had been off by an offset, had run too fast,
and been stepped. The true offset at each moment is known, so that the alignment can be judged.

  other_clock.py IN OUT OFFSET_NS DRIFT_PPM [STEP_NS] HOST

The step comes in the middle of the packets.
"""
import hashlib
import re
import struct
import sys

SECTION, INTERFACE, PACKET, JOURNAL = 0x0A0D0D0A, 1, 6, 9


class Clock:
    def __init__(self, offset, drift_ppm, step, start, middle):
        self.offset, self.drift, self.step = offset, drift_ppm, step
        self.start, self.middle = start, middle

    def __call__(self, time):
        stepped = self.step if time >= self.middle else 0
        return time + self.offset + int((time - self.start) * self.drift) // 1_000_000 + stepped


def pad(data):
    return data + b"\0" * (-len(data) % 4)


def block(kind, body):
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def other_boot(text, host):
    boot = hashlib.sha256(host).hexdigest()[:8].encode()
    text = re.sub(rb" boot=[0-9a-f]{8}", b" boot=" + boot, text)
    return re.sub(rb' host=("[^"]*"|[^ ]+)', b" host=" + host, text)


def options(data, host):
    """The same with the changed texts: their lengths change, too."""
    out = b""
    while len(data) >= 4:
        code, length = struct.unpack_from("<HH", data)
        value = data[4:4 + length]
        data = data[4 + length + (-length % 4):]
        if code == 0:
            return out + b"\0\0\0\0"
        value = other_boot(value, host)
        out += struct.pack("<HH", code, len(value)) + pad(value)
    return out


def journal(body, clock, host):
    text = body.rstrip(b"\0")
    found = re.search(rb" t=(-?\d+)", text)
    time = clock(int(found[1]))
    text = text.replace(found[0], b" t=%d" % time, 1)
    text = re.sub(rb"__REALTIME_TIMESTAMP=\d+", b"__REALTIME_TIMESTAMP=%d" % (time // 1000), text)
    return pad(other_boot(text, host))


def packet(body, clock):
    interface, high, low = struct.unpack_from("<III", body)
    time = clock((high << 32) | low)
    body = re.sub(rb" t=\d+", b" t=%d" % time, body)  # of the same length
    return struct.pack("<III", interface, time >> 32, time & 0xFFFFFFFF) + body[12:]


def blocks(data):
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        yield kind, data[at + 8:at + length - 4]
        at += length


def packet_times(data):
    for kind, body in blocks(data):
        if kind == PACKET:
            _, high, low = struct.unpack_from("<III", body)
            yield (high << 32) | low


def rewrite(data, clock, host):
    out = []
    for kind, body in blocks(data):
        if kind == SECTION:
            body = body[:16] + options(body[16:], host)
        elif kind == INTERFACE:
            body = body[:8] + options(body[8:], host)
        elif kind == PACKET:
            body = packet(body, clock)
        elif kind == JOURNAL:
            body = journal(body, clock, host)
        out.append(block(kind, body))
    return b"".join(out)


def main():
    source, target, offset, drift, *step, host = sys.argv[1:]
    with open(source, "rb") as file:
        data = file.read()
    times = list(packet_times(data))
    clock = Clock(int(offset), float(drift), int(step[0]) if step else 0, times[0],
                  times[len(times) // 2])
    with open(target, "wb") as file:
        file.write(rewrite(data, clock, host.encode()))


if __name__ == "__main__":
    main()
