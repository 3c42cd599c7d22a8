#!/usr/bin/env python3
"""A peer that means harm, against `kiana-node serve --stdio`.

Usage: hostile_peer.py HOW STATE LINES
Starts a server on STATE, speaks for a node that has LINES (what `export` writes), does one of the things below, and
says with what status the server ended, what it wrote on standard error, and whether time and memory stayed bounded.
"""

import hashlib
import json
import os
import random
import resource
import struct
import subprocess
import sys
import threading
import time

from sync_peer import BLOCKS, CREDIT, HEADS, HELLO, KEYS, WANT, Peer, jcs, b64, unb64, varint

SECONDS_MAX, MEGABYTES_MAX = 10, 160


class Stream:
    """What Peer reads or writes, in place of our own standard input and output."""

    def __init__(self, pipe):
        self.buffer = pipe

    def flush(self):
        pass


class Hostile(Peer):
    """The other end of a server that is a child of ours."""

    def __init__(self, state, lines):
        super().__init__(lines)
        self.server = subprocess.Popen(
            ["kiana-node", "serve", "--stdio", "--state", state], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        sys.stdout = Stream(self.server.stdin)
        sys.stdin = Stream(self.server.stdout)

    def greet(self):
        self.node = "E" + "A" * 43
        self.send(HELLO, jcs({
            "caps": ["contents", "ranges"], "credit": 1 << 30, "max_frame": 1 << 20, "net": "kiana", "node": self.node,
            "nonce": b64(self.nonce), "proto": 1, "store_nonce": "hostile"}))
        other = json.loads(self.receive()[1])
        self.salt = b"".join(nonce for _, nonce in sorted([
            (self.node, self.nonce), (other["node"], unb64(other["nonce"]))]))

    def drain(self):
        """Reads on in the background, so that the server never waits for us."""
        threading.Thread(target=lambda: [None for _ in iter(lambda: self.server.stdout.read(65536), b"")],
                         daemon=True).start()


def garbage(peer):
    source = random.Random(1)
    for _ in range(256):
        peer.server.stdin.write(source.randbytes(1 << 18))


def half(peer):
    peer.greet()
    peer.server.stdin.write(struct.pack(">IB", 100_000, BLOCKS) + b"half of it")
    peer.server.stdin.flush()
    peer.server.wait(30)


def larger(peer):
    peer.greet()
    peer.server.stdin.write(struct.pack(">IB", 0x7FFFFFFF, BLOCKS))
    peer.server.stdin.flush()
    peer.server.wait(30)


def million(peer):
    """A million feeds that do not exist, and silence; one more is refused at once."""
    peer.greet()
    peer.drain()
    for start in range(0, 1_000_000, 20_000):
        last = start + 20_000 >= 1_000_000
        peer.send(HEADS, (b"\0" if last else b"\1") + b"".join(
            hashlib.sha256(b"%d" % number).digest()[:8] + b"\0\x63" + b"12345678"
            for number in range(start, start + 20_000)))
    peer.server.wait(30)


def more(peer):
    peer.greet()
    peer.drain()
    for _ in range(60):
        peer.send(HEADS, b"\1" + b"".join(
            os.urandom(8) + b"\0\0" + b"12345678" for _ in range(20_000)))
    peer.server.wait(30)


def again(peer):
    """The same feed without end."""
    peer.greet()
    peer.drain()
    peer.send(HEADS, b"\0")
    tag = peer.tag(next(iter(peer.feeds)))
    for _ in range(1000):
        peer.send(WANT, tag + varint(0) + varint(0))
        time.sleep(0.005)
    peer.server.wait(30)


def later(peer):
    """Just enough to be waited for."""
    peer.greet()
    peer.drain()
    for _ in range(3000):
        peer.send(CREDIT, varint(1 << 20))
        time.sleep(0.01)


def unknown(peer):
    peer.greet()
    peer.drain()
    for _ in range(100_000):
        peer.send(200, b"")


def keys(peer):
    """The same key log without end."""
    peer.greet()
    peer.drain()
    feed = next(iter(peer.feeds))
    for _ in range(1_000_000):
        peer.send(KEYS, feed[0].encode() + peer.logs[feed[0]])


def strangers(peer):
    """Feeds of an author whom nobody admitted; the server asks for one block of each."""
    peer.node = "E" + "A" * 43
    try:
        peer.run()
    except SystemExit as end:
        print(end)


peer = Hostile(sys.argv[2], sys.argv[3])
out = os.fdopen(os.dup(1), "w")
start = time.monotonic()
try:
    globals()[sys.argv[1]](peer)
except (BrokenPipeError, SystemExit, KeyboardInterrupt):
    pass
except struct.error:
    pass
try:
    peer.server.stdin.close()
except BrokenPipeError:
    pass
words = peer.server.stderr.read().decode()
status = peer.server.wait()
used = resource.getrusage(resource.RUSAGE_CHILDREN)
out.write("status %d\n%s" % (status, words))
seconds, megabytes = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
is_bounded = seconds < SECONDS_MAX and megabytes < MEGABYTES_MAX
out.write("bounded\n" if is_bounded else "%.1f s, %.0f MB\n" % (seconds, megabytes))
out.flush()
