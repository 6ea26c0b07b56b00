# SPDX-License-Identifier: MIT
"""Ways in which connections begin and end.

foreign_endings.py serve PORT | play ADDRESS PORT

The client says in its first byte how the server shall behave.
"""

import socket
import struct
import sys
import threading
import time


def abort(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def drain(connection):
    while connection.recv(65536):
        pass


def serve_one(connection):
    how = connection.recv(1)
    if how == b"c":  # close at once
        connection.close()
    elif how == b"d":  # close when the client has
        drain(connection)
        connection.close()
    elif how == b"h":  # half-close, then listen on
        connection.shutdown(socket.SHUT_WR)
        drain(connection)
        connection.close()
    elif how == b"r":  # reset
        abort(connection)
    elif how == b"u":  # close with something unread
        time.sleep(0.1)
        connection.close()
    elif how == b"s":  # both at once
        wanted = float(connection.recv(32))
        while time.time() < wanted:
            pass
        connection.close()
    elif how == b"w":  # write on after the client's FIN
        try:
            drain(connection)
            connection.sendall(b"x" * 100000)
            time.sleep(0.05)
            connection.sendall(b"x")
            connection.close()
        except OSError:
            connection.close()
    else:
        connection.close()


def serve(port):
    listener = socket.create_server(("", port), backlog=64)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve_one, args=(connection,), daemon=True).start()


def play(address, port):
    def begin(how):
        connection = socket.create_connection((address, port))
        connection.sendall(how)
        return connection

    for _ in range(20):
        begin(b"c").recv(1)  # and closes as Python forgets it
        connection = begin(b"d")
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)
        connection.close()
        begin(b"d").close()
        connection = begin(b"h")
        connection.recv(1)
        connection.sendall(b"still here")
        connection.close()
        abort(begin(b"d"))
        connection = begin(b"r")
        try:
            connection.recv(1)
        except OSError:
            pass
        connection.close()
        connection = begin(b"u")
        connection.sendall(b"unread")
        try:
            connection.recv(1)
        except OSError:
            pass
        connection.close()
        connection = begin(b"w")
        connection.close()
        connection = begin(b"w")
        connection.shutdown(socket.SHUT_WR)
        drain(connection)
        connection.close()
        when = time.time() + 0.02
        connection = begin(b"s")
        connection.sendall(repr(when).encode().ljust(32))
        while time.time() < when:
            pass
        connection.close()
        refused = socket.socket()
        refused.connect_ex((address, port + 999))
        refused.close()
    # A socket that is connected to itself (RFC 9293 section 3.5, simultaneous open).
    itself = socket.socket()
    itself.bind(("127.0.0.1", port + 1))
    itself.connect(("127.0.0.1", port + 1))
    itself.sendall(b"me")
    itself.recv(2)
    itself.close()
    # One local port again and again, as soon as the last connection is gone.
    for how in (b"c", b"d", b"c"):
        for _ in range(5):
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            connection.bind(("", port + 2))
            try:
                connection.connect((address, port))
            except OSError:
                connection.close()
                time.sleep(0.05)
                continue
            connection.sendall(how)
            if how == b"c":
                connection.recv(1)
                connection.close()
            else:
                abort(connection)
            time.sleep(0.05)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    else:
        play(sys.argv[2], int(sys.argv[3]))
