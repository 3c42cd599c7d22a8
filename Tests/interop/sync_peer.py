#!/usr/bin/env python3
"""A second implementation of the sync protocol, written from docs/PROTOCOL.md.

Usage: sync_peer.py HAS.lines GOT.lines
Speaks for a node that has the blocks of HAS.lines (what `export` writes) on standard input and output, takes what the
other side has, checks id, content, chain and link of it, and writes it to GOT.lines.
"""

import base64
import hashlib
import json
import os
import re
import struct
import sys

HELLO, KEYS, HEADS, WANT, BLOCKS, CREDIT, ERR, BYE, PROOF = 1, 2, 3, 6, 7, 11, 13, 14, 15
CREDIT_BYTES = 1 << 20
FRAME_MAX = 1_114_112
END = 1 << 53


def jcs(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


class Reader:
    def __init__(self, data):
        self.data, self.place = data, 0

    def take(self, count):
        if count > len(self.data) - self.place:
            sys.exit("a frame ends too early")
        self.place += count
        return self.data[self.place - count:self.place]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    @property
    def rest(self):
        return len(self.data) - self.place


class Block:
    def __init__(self, header, sig, salt, content):
        self.bytes, self.sig, self.salt, self.content = header, sig, salt, content
        self.header = json.loads(header)
        self.id = hashlib.sha256(header + sig).digest()
        if jcs(self.header) != header:
            sys.exit("a header is not canonical")
        promised = self.header["content"]
        if content is not None:
            if len(content) != promised["size"]:
                sys.exit("a content has another size")
            if hashlib.sha256(salt + content).hexdigest() != promised["hash"]:
                sys.exit("a content has another hash")

    @property
    def feed(self):
        return self.header["author"], self.header["feed"]

    @property
    def place(self):
        return self.header["epoch"], self.header["seq"]

    def wire(self):
        out = struct.pack(">H", len(self.bytes)) + self.bytes + self.sig
        if self.content is None:
            return out + b"\xff\xff\xff\xff"
        return out + struct.pack(">I", len(self.content)) + self.salt + self.content

    @staticmethod
    def read(reader):
        header = reader.take(struct.unpack(">H", reader.take(2))[0])
        sig = reader.take(64)
        size = struct.unpack(">I", reader.take(4))[0]
        if size == 0xFFFFFFFF:
            return Block(header, sig, None, None)
        salt = reader.take(32)
        return Block(header, sig, salt, reader.take(size))

    def line(self):
        line = {"header": self.header, "sig": b64(self.sig)}
        if self.content is not None:
            line["salt"] = b64(self.salt)
            try:
                line["content"] = self.content.decode("utf-8")
            except UnicodeDecodeError:
                line["content_b64"] = b64(self.content)
        return jcs(line) + b"\n"


class Peer:
    def __init__(self, path):
        self.feeds, self.logs, self.got, self.got_logs = {}, {}, [], {}
        for text in open(path, "rb"):
            line = json.loads(text)
            if "kel" in line:
                self.logs.setdefault(line["author"], bytearray()).extend(line["kel"].encode())
                continue
            salt, content = None, None
            if "salt" in line:
                salt = unb64(line["salt"])
                content = line["content"].encode() if "content" in line else unb64(line["content_b64"])
            block = Block(jcs(line["header"]), unb64(line["sig"]), salt, content)
            self.feeds.setdefault(block.feed, []).append(block)
        for blocks in self.feeds.values():
            blocks.sort(key=lambda block: block.place)
        self.nonce = os.urandom(16)
        self.node = next(iter(self.logs))
        self.credit = self.owed = 0
        self.wanted, self.introduced, self.heads_done = {}, set(), False
        self.is_done = self.is_peer_done = False

    # frames

    def send(self, kind, payload):
        sys.stdout.buffer.write(struct.pack(">IB", len(payload) + 1, kind) + payload)
        sys.stdout.buffer.flush()

    def receive(self):
        head = sys.stdin.buffer.read(4)
        if len(head) < 4:
            sys.exit("the other side ended early")
        size = struct.unpack(">I", head)[0]
        if not 1 <= size <= FRAME_MAX:
            sys.exit("a frame has %d bytes" % size)
        data = sys.stdin.buffer.read(size)
        return data[0], data[1:]

    # the names of this session

    def tag(self, feed):
        author, name = feed
        return hashlib.sha256(self.salt + author.encode() + b"\0" + name.encode()).digest()[:8]

    def salted(self, feed):
        saids = []
        for event in re.finditer(rb'\{"v":"KERI10JSON([0-9a-f]{6})_"', self.logs[feed[0]]):
            value = json.loads(self.logs[feed[0]][event.start():event.start() + int(event[1], 16)])
            saids.append((int(value["s"], 16), base64.urlsafe_b64decode("A" + value["d"][1:])[1:]))
        keys = hashlib.sha256(b"".join(said for _, said in sorted(saids))).digest()
        return hashlib.sha256(self.salt + self.feeds[feed][-1].id + keys).digest()[:8]

    # the session

    def run(self):
        hello = {
            "caps": [], "credit": CREDIT_BYTES, "max_frame": FRAME_MAX, "net": "kiana", "node": self.node,
            "nonce": b64(self.nonce), "proto": 1, "store_nonce": "python"}
        self.send(HELLO, jcs(hello))
        kind, payload = self.receive()
        if kind != HELLO:
            sys.exit("the first frame is no HELLO")
        other = json.loads(payload)
        self.credit = other["credit"]
        mine, theirs = (self.node, self.nonce), (other["node"], unb64(other["nonce"]))
        self.salt = b"".join(nonce for _, nonce in sorted([mine, theirs]))
        self.tags = {self.tag(feed): feed for feed in self.feeds}
        self.settled = set()
        self.is_first = mine < theirs
        if self.is_first:
            self.send_heads()
        while not (self.is_done and self.is_peer_done):
            self.handle(*self.receive())

    def send_heads(self):
        heads = b"\0"
        for tag, feed in self.tags.items():
            if tag not in self.settled:
                epoch, seq = self.feeds[feed][-1].place
                heads += tag + varint(epoch) + varint(seq) + self.salted(feed)
        self.send(HEADS, heads)

    def handle(self, kind, payload):
        reader = Reader(payload)
        if kind in (KEYS, BLOCKS, PROOF):
            self.owed += len(payload)
            if self.owed >= CREDIT_BYTES // 2:
                self.send(CREDIT, varint(self.owed))
                self.owed = 0
        if kind == HEADS:
            self.heads_done = reader.take(1) == b"\0"
            while reader.rest:
                self.compare(reader.take(8), reader.varint(), reader.varint(), reader.take(8))
            if self.heads_done and not self.is_first:
                self.send_heads()
        elif kind == KEYS:
            self.got_logs.setdefault(payload[:44].decode(), bytearray()).extend(payload[44:])
        elif kind == WANT:
            tag, epoch, first = reader.take(8), reader.varint(), reader.varint()
            self.serve(tag, epoch, first, reader.varint() if reader.rest else END)
        elif kind == BLOCKS:
            tag = reader.take(8)
            if tag not in self.wanted:
                sys.exit("blocks came that nothing asked for")
            is_over = not reader.rest
            while reader.rest:
                block = Block.read(reader)
                self.take(tag, block)
                is_over = block.place == self.wanted[tag][1]
            if is_over:
                del self.wanted[tag]
        elif kind == CREDIT:
            self.credit += reader.varint()
        elif kind == BYE:
            self.is_peer_done = True
        elif kind == ERR:
            sys.exit("the other side says %s" % payload.decode())
        if self.heads_done and not self.wanted and not self.is_done:
            self.is_done = True
            self.send(BYE, jcs({"reason": "done"}))

    def compare(self, tag, epoch, seq, salted):
        feed = self.tags.get(tag)
        if feed is None:
            return self.want(tag, 0, 0, (epoch, seq))
        own = self.feeds[feed][-1].place
        if salted == self.salted(feed):
            self.settled.add(tag)
        elif own < (epoch, seq):
            self.settled.add(tag)
            self.want(tag, own[0], own[1] + 1, (epoch, seq))

    def want(self, tag, epoch, seq, head):
        self.wanted[tag] = (None, head)
        self.send(WANT, tag + varint(epoch) + varint(seq))

    def take(self, tag, block):
        if self.tag(block.feed) != tag:
            sys.exit("a block belongs to another feed")
        before, head = self.wanted[tag]
        before = before or (self.feeds[block.feed][-1].id if block.feed in self.feeds else None)
        if block.header["prev"] != (before.hex() if before else None):
            sys.exit("a block does not follow the one before it")
        self.wanted[tag] = (block.id, head)
        self.got.append(block)

    def serve(self, tag, epoch, first, last):
        feed = self.tags[tag]
        if feed[0] not in self.introduced:
            self.introduced.add(feed[0])
            self.spend(KEYS, feed[0].encode() + self.logs[feed[0]])
        if (epoch, first, last) == (0, 0, 0):
            return self.spend(BLOCKS, tag + self.feeds[feed][0].wire())
        for block in self.feeds[feed]:
            if block.place >= (epoch, first) and (last == END or block.place <= (epoch, last)):
                self.spend(BLOCKS, tag + block.wire())
                if block is self.feeds[feed][-1] or block.place == (epoch, last):
                    return
        self.send(BLOCKS, tag)

    def spend(self, kind, payload):
        while self.credit <= 0:
            self.handle(*self.receive())
        self.credit -= len(payload)
        self.send(kind, payload)

    def write(self, path):
        with open(path, "wb") as out:
            for author, log in self.got_logs.items():
                out.write(jcs({"author": author, "kel": log.decode()}) + b"\n")
            for block in self.got:
                out.write(block.line())


if __name__ == "__main__":
    peer = Peer(sys.argv[1])
    peer.run()
    peer.write(sys.argv[2])
