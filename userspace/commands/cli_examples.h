// SPDX-License-Identifier: MIT
// What stands below the options in the help of each command.
#pragma once

namespace tcpladder {

inline constexpr auto kMainHelp = R"(
Examples:
  sudo tcpladder trace                        a daytime server and client, traced
  sudo tcpladder trace -f json | jq .         the same for programs
  sudo tcpladder trace -- curl example.org    the connections of a command
  sudo tcpladder trace --all --port 443       every connection of this host to or from 443
  sudo tcpladder trace --all -w host.pcapng   and record it: Wireshark reads the file, too
  tcpladder show host.pcapng                  a recording, as if it were live
  tcpladder export host.pcapng -o plain.pcap  for programs that read only that
  tcpladder check                             what this kernel offers

`tcpladder COMMAND --help` tells more.
)";

inline constexpr auto kCheckHelp = R"(
Examples:
  sudo tcpladder check                what each fact is taken from, and whether it is there
  sudo tcpladder check --json | jq .  the same for programs

Exit status: 0 all is there, or only what is optional is missing; 1 a trace is not possible.
)";

inline constexpr auto kTraceHelp = R"(
Examples:
  sudo tcpladder trace                        one conversation, from listen() to the end
  sudo tcpladder trace --explain              the same, every row explained
  sudo tcpladder trace --pause 20s -S         at the tutorial's speed, absolute numbers
  sudo tcpladder trace --clients 3 --interleave
  sudo tcpladder trace --address ::1 --clients 3
  sudo tcpladder trace --hosts                two hosts and a wire between them, as in the book
  sudo tcpladder trace --all -c 20            the next 20 segments of the whole host
  sudo tcpladder trace --all --port 22 --duration 10s -f json
  sudo tcpladder trace -f tcpdump -S          the lines that tcpdump -nnS would print
  sudo tcpladder trace -- curl -s example.org the connections of a command and its children
  sudo tcpladder trace --pid 1234             those of a process that runs already
  sudo tcpladder trace --all host 10.0.0.1 and port 443

A filter is tcpdump's (man pcap-filter). Words about addresses and ports keep whole connections;
with others (tcp[tcpflags] & tcp-syn != 0) only the segments that match are shown, and no states.
Lengths (less, greater, len) count from the IP header on.

A command runs as the user who called sudo, with the terminal. Where our rows go to a file or a
pipe, what it writes to standard output goes to standard error. The trace ends when it and its
children have ended; with -c or --duration they are ended with it (SIGTERM, status 143).

A state that the kernel did not tell of, and we inferred, is marked with *.
Exit status: 0 done, 1 failed, 2 wrong usage, 3 events were lost and --strict was given.
If only the command failed: its own, 128 + N if signal N ended it; 127 no such command, 126 it
cannot be run.
)";

inline constexpr auto kShowHelp = R"(
Examples:
  tcpladder show host.pcapng                  what the live trace showed
  tcpladder show --explain=zh host.pcapng     every row explained, in Chinese
  tcpladder show host.pcapng --port 443 -f json
  tcpladder show host.pcapng host 10.0.0.1 and port 443
  tcpladder show host.pcapng --conn 2,5
  sudo tcpladder trace --all -w - | tcpladder show -
  tcpladder show --tail growing.pcapng        follows it until Ctrl-C
  tcpladder show part.pcapng part.pcapng1     a recording that was split (-C, -G)
  tcpladder show server.pcapng client.pcapng  two hosts in one timeline, their clocks aligned
  tcpladder show dump.pcap                    a capture of tcpdump or Wireshark: states inferred

Exit status: 0 done, 1 failed or a file is damaged, 2 wrong usage, 3 events were lost and --strict
was given.
)";

inline constexpr auto kExportHelp = R"(
Examples:
  tcpladder export host.pcapng -o plain.pcap             for programs that read pcap only
  tcpladder export host.pcapng --to json | jq .
  tcpladder export host.pcapng --to states -o states.csv
  tcpladder export host.pcapng --to connections --port 443

pcap holds each segment once, as seen by one end of its connection, so that no program takes the
other end's sighting for a retransmission. It cannot hold states, causes and owners.
)";

inline constexpr auto kLabHelp = R"(
Examples:
  tcpladder lab list                  the situations, and what each shows
  sudo tcpladder lab lost-syn         one of them, drawn live, then what held
  sudo tcpladder lab all              every one, as a table
  sudo tcpladder lab mine.lab         one of your own: docs/lab.md

Two hosts (network namespaces) and a wire between them are made for each, and are gone
afterwards. Nothing that is sent leaves them.
Exit status: 0 all held, 1 failed, 2 wrong usage, 3 an expectation did not hold.
)";

}  // namespace tcpladder
