#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a capture of random TCP packets, each cut after its headers.

They are what a kernel may show and what an attacker may send: conversations
(seen from their middle, with wrapping numbers, on reused ports) and single
packets with every option, valid and malformed. All have complete IP and TCP
headers; the lengths in them may lie.
"""

import argparse
import random
import struct

FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << i for i in range(8))
KNOWN_PORTS = [21, 22, 23, 25, 43, 53, 80, 139, 179, 323, 445, 554, 639, 646, 1723, 2049, 6379,
               6633, 6653, 8080, 8554, 10288]
MAX_CAPTURED = 160
LINKS = {
    'ethernet': (1, lambda protocol: bytes(12) + struct.pack('>H', protocol)),
    'raw': (101, lambda protocol: b''),
    'sll2': (276, lambda protocol: struct.pack('>HHIHBB8s', protocol, 0, 1, 772, 0, 6, b'')),
}


def words_sum(data):
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack(f'>{len(data) // 2}H', data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return total


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, percent):
        return self.random.random() * 100 < percent

    def pick(self, *values):
        return self.random.choice(values)

    def number(self, bits):
        """Often at the ends of its range."""
        top = (1 << bits) - 1
        return self.pick(0, 1, top, top - 1, 1 << (bits - 1), *[self.random.randint(0, top)] * 6)

    def some_bytes(self, count):
        return self.random.randbytes(count)

    # Addresses and ports

    def ipv4_address(self):
        return self.pick(b'\x7f\0\0\1', b'\xc0\0\2' + self.some_bytes(1), self.some_bytes(4),
                         bytes(4), b'\xff' * 4)

    def ipv6_address(self):
        words = [self.pick(b'\0\0', b'\0\0', self.some_bytes(2), b'\0' + self.some_bytes(1))
                 for _ in range(8)]
        sparse = b''.join(words)
        return self.pick(bytes(15) + b'\1', bytes(16), sparse, sparse, self.some_bytes(16),
                         bytes(10) + b'\xff\xff' + self.some_bytes(4),
                         bytes(12) + self.some_bytes(4),
                         b'\x20\1\x0d\xb8' + bytes(11) + self.some_bytes(1))

    def port(self):
        return self.pick(self.random.choice(KNOWN_PORTS), self.number(16), 10000,
                         self.random.randint(32768, 60999))

    # TCP options

    def plausible_option(self):
        r = self.random
        kind = r.choice([2, 3, 4, 5, 5, 6, 7, 8, 8, 11, 12, 13, 19, 20, 28, 29, 30, 30, 30, 30, 34,
                         254, r.randint(0, 255)])
        if kind in (0, 1):
            return bytes([kind])
        body = {
            2: lambda: self.some_bytes(2),
            3: lambda: bytes([r.randint(0, 20)]),
            4: lambda: b'',
            5: lambda: b''.join(struct.pack('>II', self.number(32), self.number(32))
                                for _ in range(r.randint(0, 4))),
            6: lambda: self.some_bytes(4),
            7: lambda: self.some_bytes(4),
            8: lambda: struct.pack('>II', self.number(32), self.number(32)),
            11: lambda: self.some_bytes(4),
            12: lambda: self.some_bytes(4),
            13: lambda: self.some_bytes(4),
            19: lambda: self.some_bytes(16),
            20: lambda: self.some_bytes(2),
            28: lambda: self.some_bytes(2),
            29: lambda: self.some_bytes(r.randint(0, 18)),
            30: self.mptcp_body,
            34: lambda: self.some_bytes(self.pick(0, 0, 2, 3, 4, 8, 16, 17, 18)),
            254: lambda: (self.pick(b'\xf9\x89', self.some_bytes(2))
                          + self.some_bytes(self.pick(0, 4, 8, 9))),
        }.get(kind, lambda: self.some_bytes(r.randint(0, 12)))()
        body = self.resized(body)
        return bytes([kind, len(body) + 2]) + body

    def resized(self, body):
        """Sometimes not of the size that its kind asks for."""
        if self.chance(88):
            return body
        if self.chance(60):
            return body[:self.random.randint(0, len(body))]
        return body + self.some_bytes(self.pick(1, 2, 4))

    def mptcp_body(self):
        subtype = self.random.randint(0, 9)
        sizes = {
            0: (4, 12, 20, 22), 1: (12, 16, 24), 2: (4, 8, 12, 16, 18, 20, 24, 26, 28),
            3: (8, 10, 16, 18, 20, 22, 28, 30), 4: (3, 4, 5, 6), 5: (3, 4), 6: (12,), 7: (12,),
        }.get(subtype, (3, 4, 12))
        size = self.pick(*sizes, *sizes, self.random.randint(2, 30))
        low = self.pick(0, 1, 2, 4, 6, self.random.randint(0, 15))
        head = bytes([subtype << 4 | low, self.random.randint(0, 0x9f)])
        return (head + self.some_bytes(30))[:size - 2]

    def usual_options(self):
        stamp = b'\1\1\x08\x0a' + struct.pack('>II', self.number(32), self.number(32))
        syn = (b'\2\4' + struct.pack('>H', self.number(16)) + b'\4\2\x08\x0a' + self.some_bytes(8)
               + b'\1\3\3' + bytes([self.random.randint(0, 14)]))
        sack = b'\1\1\5\x0a' + struct.pack('>II', self.number(32), self.number(32))
        return self.pick(b'', stamp, stamp, stamp, stamp + sack, syn)

    def options(self):
        """At most 40 bytes, a multiple of four."""
        kind = self.random.random()
        if kind < 0.45:
            data = self.usual_options()
        elif kind < 0.9:
            data = b''
            while not data or self.chance(60):
                data += self.pick(b'', b'', b'\1') + self.plausible_option()
            if self.chance(15) and data:
                at = self.random.randrange(len(data))
                data = data[:at] + self.some_bytes(1) + data[at + 1:]
            if self.chance(10):
                data = data[:self.random.randrange(len(data) + 1)]
        else:
            data = self.some_bytes(self.random.randint(0, 40))
        data = data[:40]
        return data + self.pick(b'\0', b'\1', b'\2')[:1] * (-len(data) % 4)

    # IPv4 options, IPv6 extension headers

    def ipv4_option(self):
        r = self.random
        kind = r.choice([0, 1, 1, 7, 68, 82, 130, 131, 137, 148, r.randint(0, 255)])
        if kind in (0, 1):
            return bytes([kind])
        if kind in (7, 131, 137):
            count = r.randint(0, 4)
            pointer = self.pick(4, 4 + 4 * r.randint(0, count), self.number(8))
            body = bytes([pointer]) + self.some_bytes(4 * count)
        elif kind == 68:
            flag = self.pick(0, 1, 3, r.randint(0, 15))
            hop = 4 if flag == 0 else 8
            count = r.randint(0, 3)
            pointer = self.pick(5, 5 + hop * r.randint(0, count), self.number(8))
            missed = self.pick(0, 0, r.randint(0, 15))
            body = bytes([pointer, missed << 4 | flag]) + self.some_bytes(hop * count)
        elif kind == 148:
            body = self.pick(b'\0\0', self.some_bytes(2))
        else:
            body = self.some_bytes(r.randint(0, 10))
        if self.chance(10):
            body = body[:r.randint(0, len(body))]
        size = len(body) + 2 if self.chance(93) else self.number(8)
        return bytes([kind, size]) + body

    def ipv4_options(self):
        if self.chance(80):
            return b''
        data = b''
        while not data or self.chance(40):
            data += self.ipv4_option()
        data = data[:40]
        missing = -len(data) % 4
        return self.pick(data + bytes(missing), b'\1' * missing + data)

    def ipv6_options(self, size):
        """Of a hop-by-hop or destination options header."""
        data = b''
        while len(data) < size:
            left = size - len(data)
            jumbo = self.pick(65536, 70000, 100, self.number(32))
            option = self.pick(
                b'\0', b'\1\0', b'\1\1\0', b'\5\2' + self.some_bytes(2),
                b'\xc2\4' + struct.pack('>I', jumbo),
                b'\xc9\x10' + self.ipv6_address(),
                b'\xc9\x15' + self.ipv6_address()
                + self.pick(b'\0\1\1\0\0', b'\7\3abc', b'\0\7\2zz'),
                bytes([self.random.randint(0, 255), 3]) + self.some_bytes(3))
            if self.chance(5):
                option = option[:1] + self.resized(option[2:]) + self.some_bytes(1)
            if self.chance(8) and len(option) > 1:
                body = self.resized(option[2:])
                option = bytes([option[0], len(body)]) + body
            if len(option) <= left:
                data += option
            elif self.chance(30):
                data += option[:left]
        return data

    def extension_headers(self, room):
        """A list of (kind, bytes without the first, which is the next kind)."""
        headers = []
        while self.chance(60 if not headers else 25):
            kind = self.pick(0, 0, 43, 43, 44, 60, 60)
            units = self.random.randint(0, 4)
            body = self.ipv6_options(6 + 8 * units)
            if kind == 43:
                body = bytes([self.pick(0, 2, 4, 4, self.random.randint(0, 5)),
                              self.random.randint(0, 3)])
                body += self.pick(bytes(4), self.some_bytes(4))
                body += b''.join(self.ipv6_address() for _ in range(units // 2))
                body += bytes(8 * (units % 2))
            elif kind == 44:
                units = 0
                body = struct.pack('>HI', self.pick(0, 1, 2, 6), self.number(32))
            if len(body) + 2 <= room:
                headers.append((kind, bytes([units]) + body))
                room -= len(body) + 2
        return headers

    @staticmethod
    def size_of(headers):
        return sum(1 + len(body) for _, body in headers)

    def jumbo_header(self, length):
        if self.chance(20):
            length = self.pick(100, length - 1000, length + 1000, 0xffffffff, 0xffffffe0,
                               self.number(32))
        return (0, b'\0\xc2\4' + struct.pack('>I', length & 0xffffffff))

    # Packets

    def tcp_header(self, segment, options):
        sport, dport, seq, ack, flags, window = segment
        offset = (20 + len(options)) // 4 << 4 | self.pick(0, 0, 0, 1, 2, 15)
        urgent = self.number(16) if flags & URG or self.chance(5) else 0
        return struct.pack('>HHIIBBHHH', sport, dport, seq, ack, offset, flags, window, 0,
                           urgent) + options

    def with_checksum(self, pseudo, tcp, payload):
        """Mostly right for what is empty; of a payload nobody sees the bytes."""
        value = 0xffff - words_sum(pseudo + tcp) if payload == 0 else self.number(16)
        if self.chance(15):
            value = self.number(16)
        return tcp[:16] + struct.pack('>H', value) + tcp[18:]

    def ipv4(self, ends, tcp, payload):
        source, destination = ends
        options = self.ipv4_options()
        length = 20 + len(options) + len(tcp) + payload
        in_header = self.told(length, 80 if options else 94)
        if options and self.chance(20):
            in_header = 20 + len(options)
        pseudo = source + destination + struct.pack('>HH', 6, len(tcp) + payload & 0xffff)
        tcp = self.with_checksum(pseudo, tcp, payload)
        fragment = self.pick(0x4000, 0x4000, 0x4000, 0, 0x2000, 0x8000, 0xe000)
        header = struct.pack('>BBHHHBBH', 0x45 + len(options) // 4,
                             self.pick(0, 0, 2, self.number(8)), in_header, self.number(16),
                             fragment, self.pick(64, 64, self.number(8)), 6, 0)
        header += source + destination + options
        checksum = 0xffff - words_sum(header) if self.chance(90) else self.number(16)
        return header[:10] + struct.pack('>H', checksum) + header[12:] + tcp, length

    def told(self, length, honest):
        """What an IP header tells as length: the truth in `honest` percent, if there is room."""
        if length > 0xffff:
            return 0
        if self.chance(honest):
            return length
        return self.pick(0, 0, self.random.randint(1, 60), length - 1, length // 2,
                         min(length + 5, 0xffff), self.number(16))

    def ipv6(self, ends, tcp, payload):
        source, destination = ends
        headers = self.extension_headers(MAX_CAPTURED - 40 - len(tcp)) if self.chance(15) else []
        if len(tcp) + payload > 0xffff and self.chance(90):
            headers = [self.jumbo_header(8 + len(tcp) + payload)]
        length = self.size_of(headers) + len(tcp) + payload
        pseudo = source + destination + struct.pack('>II', len(tcp) + payload, 6)
        tcp = self.with_checksum(pseudo, tcp, payload)
        kinds = [kind for kind, _ in headers] + [6]
        chain = b''.join(bytes([after]) + body for after, (_, body) in zip(kinds[1:], headers))
        in_header = self.told(length, 70 if headers else 94)
        if headers and self.chance(10):
            in_header = self.size_of(headers[:self.random.randint(1, len(headers))])
        flow = 0x60000000 | self.pick(0, 0, 0x0ff00000, self.number(28))
        flow |= self.pick(0, self.number(20))
        header = struct.pack('>IHBB', flow, in_header, kinds[0], self.pick(64, self.number(8)))
        return header + source + destination + chain + tcp, 40 + length

    def packet(self, version, ends, segment, payload):
        tcp = self.tcp_header(segment, self.options())
        data, length = (self.ipv4 if version == 4 else self.ipv6)(ends, tcp, payload)
        if self.chance(2):
            length += self.random.randint(1, 10)  # padding of the link layer
        return version, data, max(length, len(data))

    def payload(self):
        return self.pick(0, 0, 0, 1, 2, 17, 18, 19, 30, 31, 100, 1448, 65500,
                         self.random.randint(0, 60000), self.random.randint(0, 200000))

    def conversation(self):
        """Packets of both sides, not always from the first to the last."""
        version = self.pick(4, 6)
        address = self.ipv4_address if version == 4 else self.ipv6_address
        ends = [(address(), self.port()), (address(), self.port())]
        if self.chance(5):
            ends[1] = ends[0]
        for _ in range(self.pick(1, 1, 2)):  # twice: the ports are used again
            numbers = [self.number(32), self.number(32)]
            steps = [(0, SYN, 0), (1, SYN | ACK, 0), (0, ACK, 0)]
            steps += [(self.pick(0, 1), self.pick(ACK, ACK | PSH), self.payload())
                      for _ in range(self.random.randint(0, 12))]
            steps += self.pick([(0, FIN | ACK, 0), (1, FIN | ACK, 0), (0, ACK, 0)], [(1, RST, 0)],
                               [(0, RST | ACK, self.pick(0, 8))], [])
            for side, flags, payload in steps[self.pick(0, 0, 0, 1, 3):]:
                yield self.step(version, ends, numbers, side, flags, payload)

    def step(self, version, ends, numbers, side, flags, payload):
        (source, sport), (destination, dport) = ends[side], ends[1 - side]
        ack = numbers[1 - side] if flags & ACK else 0
        segment = (sport, dport, numbers[side], ack, flags, self.number(16))
        span = payload + (1 if flags & (SYN | FIN) else 0)
        numbers[side] = (numbers[side] + span) & 0xffffffff
        return self.packet(version, (source, destination), segment, payload)

    def stray(self):
        version = self.pick(4, 6)
        address = self.ipv4_address if version == 4 else self.ipv6_address
        segment = (self.port(), self.port(), self.number(32), self.number(32), self.number(8),
                   self.number(16))
        return self.packet(version, (address(), address()), segment, self.payload())

    def packets(self, count):
        """Several conversations at a time."""
        open_ones = []
        while count > 0:
            if len(open_ones) < 8:
                open_ones.append(self.conversation())
            chosen = self.random.choice(open_ones)
            packet = self.stray() if self.chance(15) else next(chosen, None)
            if packet is None:
                open_ones.remove(chosen)
                continue
            count -= 1
            yield packet

    def times(self, steady):
        """Nanoseconds since 1970; steady: each later than the one before."""
        now = self.random.randint(10**18, 2 * 10**18)
        while True:
            yield now
            now += self.pick(1, 999, 1000, self.random.randint(1, 10**6),
                             self.random.randint(1, 10**6), self.random.randint(1, 3 * 10**9),
                             3600 * 10**9 if self.chance(5) else 1)
            if not steady and self.chance(3):
                now -= self.random.randint(0, 10**10)
            if not steady and self.chance(1):
                now = self.random.randint(0, 2**32 * 10**9 - 1)  # tcpdump shows those before 2038


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('output')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--count', type=int, default=4000)
    parser.add_argument('--link', choices=LINKS, default='ethernet')
    parser.add_argument('--nano', action='store_true', help='time stamps of nanoseconds')
    parser.add_argument('--steady', action='store_true', help='time never goes back')
    arguments = parser.parse_args()
    generator = Generator(arguments.seed)
    link_type, link_header = LINKS[arguments.link]
    magic, unit = (0xa1b23c4d, 1) if arguments.nano else (0xa1b2c3d4, 1000)
    times = generator.times(arguments.steady)
    with open(arguments.output, 'wb') as output:
        output.write(struct.pack('<IHHiIII', magic, 2, 4, 0, 0, 262144, link_type))
        for version, data, length in generator.packets(arguments.count):
            header = link_header(0x0800 if version == 4 else 0x86dd)
            second, rest = divmod(next(times) % (2**32 * 10**9), 10**9)
            output.write(struct.pack('<IIII', second, rest // unit, len(header) + len(data),
                                     len(header) + length))
            output.write(header + data)


if __name__ == '__main__':
    main()
