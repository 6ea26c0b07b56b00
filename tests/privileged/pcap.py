# SPDX-License-Identifier: MIT
"""TCP segments of a capture, read without the help of anything that is tested."""

import ipaddress
import struct
from collections import namedtuple

Segment = namedtuple("Segment", "source destination flags seq ack length window options")

ETHERNET = 1
LETTERS = ((0x01, "F"), (0x02, "S"), (0x04, "R"), (0x08, "P"), (0x10, "."), (0x20, "U"),
           (0x40, "E"), (0x80, "W"), (0x100, "e"))


def packets(path):
    """(captured bytes, length on the wire) of each packet of a classic pcap file. A packet that is
    still being written is left out."""
    with open(path, "rb") as file:
        data = file.read()
    if len(data) < 24:
        return
    order = {0xa1b2c3d4: "<", 0xd4c3b2a1: ">",
             0xa1b23c4d: "<", 0x4d3cb2a1: ">"}[struct.unpack_from("<I", data)[0]]
    (link,) = struct.unpack_from(order + "I", data, 20)
    assert link == ETHERNET, f"link type {link}"
    at = 24
    while at + 16 <= len(data):
        captured, length = struct.unpack_from(order + "8xII", data, at)
        if at + 16 + captured > len(data):
            return
        yield data[at + 16:at + 16 + captured], length
        at += 16 + captured


def _options(raw):
    """In tcpdump's words."""
    words = []
    while raw:
        kind = raw[0]
        if kind == 0:
            words.append("eol")
            break
        if kind == 1:
            words.append("nop")
            raw = raw[1:]
            continue
        size = raw[1]
        body = raw[2:size]
        if kind == 2:
            words.append(f"mss {struct.unpack('!H', body)[0]}")
        elif kind == 3:
            words.append(f"wscale {body[0]}")
        elif kind == 4:
            words.append("sackOK")
        elif kind == 5:
            edges = struct.unpack(f"!{len(body) // 4}I", body)
            blocks = [f"{{{a}:{b}}}" for a, b in zip(edges[::2], edges[1::2])]
            words.append(f"sack {len(blocks)} " + "".join(blocks))
        elif kind == 8:
            words.append("TS val {} ecr {}".format(*struct.unpack("!II", body)))
        else:
            raise ValueError(f"TCP option {kind}: these tests know none")
        raw = raw[size:]
    return ",".join(words)


def _endpoint(address, port):
    address = ipaddress.ip_address(address)
    return f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"


def segments(path):
    """All TCP segments, in the order of the file."""
    for frame, _ in packets(path):
        (kind,) = struct.unpack_from("!H", frame, 12)
        ip = frame[14:]
        if kind == 0x0800 and ip[9] == 6:
            header = (ip[0] & 15) * 4
            length = struct.unpack_from("!H", ip, 2)[0] - header
            source, destination = ip[12:16], ip[16:20]
        elif kind == 0x86dd and ip[6] == 6:
            header = 40
            length = struct.unpack_from("!H", ip, 4)[0]
            source, destination = ip[8:24], ip[24:40]
        else:
            continue
        tcp = ip[header:]
        source_port, destination_port, seq, ack, bits, window = struct.unpack_from("!HHIIHH", tcp)
        offset = (bits >> 12) * 4
        assert len(tcp) >= offset, "the TCP header is cut off"
        flags = "".join(letter for bit, letter in LETTERS if bits & bit) or "none"
        yield Segment(_endpoint(source, source_port), _endpoint(destination, destination_port),
                      flags, seq, ack if bits & 0x10 else None, length - offset, window,
                      _options(tcp[20:offset]))


def of_row(row):
    """A row of the trace as such a segment."""
    return Segment(row["local"], row["remote"], row["flags"], row["seq"], row.get("ack"),
                   row["len"], row["win"], row.get("options", ""))
