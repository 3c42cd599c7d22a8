#!/usr/bin/env python3
"""An independent checker of exported blocks, written from docs/FORMATS.md and nothing else.

Usage: check_export.py [FILE]        FILE: lines of `kiana-node export`; default standard input

Checks canonical JSON, digests and signatures of key events, ids, signatures, contents, and the
chain of each feed. Plain Python without packages; about 200 blocks a second. Exit status 13 when
something is wrong, and says in which line.
"""
import base64
import hashlib
import json
import sys

import ed25519

MEMBERS = ["author", "content", "epoch", "feed", "key", "kind", "prev", "refs", "seq", "tags",
           "time", "topic", "v"]


class Wrong(Exception):
    """What is wrong with a line."""


def require(condition, words):
    if not condition:
        raise Wrong(words)


# Canonical JSON (RFC 8785, integers and strings only)

def pairs(members):
    names = [name for name, _ in members]
    require(len(set(names)) == len(names), "a member stands twice")
    return dict(members)


def parse(data):
    def refuse(text):
        raise Wrong(f"the number {text} is no integer")
    try:
        return json.loads(data, object_pairs_hook=pairs, parse_float=refuse, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise Wrong(f"no JSON: {error}") from error


def canonical(value):
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


# BLAKE3 (32 bytes of output), for the digests of key events

IV = [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19]
ORDER = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8]


def compress(chaining, block, counter, length, flags):
    words = [int.from_bytes(block[i:i + 4], "little") for i in range(0, 64, 4)]
    v = chaining + IV[:4] + [counter & 0xFFFFFFFF, counter >> 32, length, flags]

    def mix(a, b, c, d, x, y):
        for word, turn, back in ((x, 16, 12), (y, 8, 7)):
            v[a] = (v[a] + v[b] + word) & 0xFFFFFFFF
            v[d] = rotate(v[d] ^ v[a], turn)
            v[c] = (v[c] + v[d]) & 0xFFFFFFFF
            v[b] = rotate(v[b] ^ v[c], back)

    for _ in range(7):
        for i in range(4):
            mix(i, 4 + i, 8 + i, 12 + i, words[2 * i], words[2 * i + 1])
        for i in range(4):
            mix(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4, words[8 + 2 * i], words[9 + 2 * i])
        words = [words[i] for i in ORDER]
    return [v[i] ^ v[i + 8] for i in range(8)]


def rotate(word, count):
    return (word >> count | word << 32 - count) & 0xFFFFFFFF


def blake3(data):
    def chunk(start, root):
        value, part = IV, data[start:start + 1024]
        blocks = [part[i:i + 64] for i in range(0, max(len(part), 1), 64)]
        for i, block in enumerate(blocks):
            last = i == len(blocks) - 1
            flags = (i == 0) | (2 if last else 0) | (8 if last and root else 0)
            value = compress(value, block.ljust(64, b"\0"), start // 1024, len(block), flags)
        return value

    def tree(start, end, root):
        if end - start <= 1024:
            return chunk(start, root)
        size = 1024
        while size * 2 < end - start:
            size *= 2
        both = tree(start, start + size, False) + tree(start + size, end, False)
        return compress(IV, b"".join(w.to_bytes(4, "little") for w in both), 0, 64, 4 | (8 if root else 0))

    return b"".join(word.to_bytes(4, "little") for word in tree(0, len(data), True))


# CESR

def unpadded(text):
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    require(base64.urlsafe_b64encode(data).rstrip(b"=").decode() == text, "base64 with another spelling")
    return data


def primitive(text, codes):
    require(len(text) == 44 and text[0] in codes, "no identity, key or digest")
    data = unpadded("A" + text[1:])
    require(data[0] == 0, "a primitive with bits in its padding")
    return data[1:]


def digest(event):
    shown = dict(event, d="#" * 44)
    if event["t"] == "icp":
        shown["i"] = "#" * 44
    return blake3(json.dumps(shown, separators=(",", ":"), ensure_ascii=False).encode())


def key_log(author, stream):
    """The block keys that a log adds; a log with anything but interactions is refused here."""
    data, keys, control, previous = stream.encode(), set(), None, None
    while data:
        require(data[:16] == b'{"v":"KERI10JSON', "no KERI event")
        size = int(data[16:22], 16)
        raw, data = data[:size], data[size:]
        event = parse(raw)
        require(json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode() == raw,
                "an event is not compact")
        require(primitive(event["d"], "E") == digest(event), "an event's digest is wrong")
        if event["t"] == "icp":
            require(previous is None and event["i"] == event["d"] == author, "another identity's log")
            control = primitive(event["k"][0], "D")
        else:
            require(event["t"] == "ixn", "this checker follows interactions only")
            require(event["p"] == previous and event["i"] == author, "an event does not follow")
        require(data[:4] == b"-AAB" and data[4:6] == b"AA", "no single signature")
        signature = unpadded("AA" + data[6:92].decode())[2:]
        data, previous = data[92:], event["d"]
        require(ed25519.verify(control, raw, signature), "an event's signature is wrong")
        for anchor in event.get("a", []):
            if anchor.get("kiana") == "key/1" and anchor["op"] == "add" and anchor["use"] == "block":
                keys.add(anchor["key"])
    return keys


# Blocks

def check_block(line, entry, logs, heads):
    header = entry["header"]
    text = canonical(header).encode()
    require(text in line, "the header's bytes are not canonical")
    require(all(name in header for name in MEMBERS), "a member is missing")
    author, feed = header["author"], header["feed"]
    require(header["key"] in logs.get(author, ()), "the author's log does not have the key")
    signature = unpadded(entry["sig"])
    message = b"kiana/block/v1\0" + text
    require(ed25519.verify(primitive(header["key"], "D"), message, signature), "the signature is wrong")
    before = heads.get((author, feed))
    require(header["epoch"] == 0, "this checker follows epoch 0 only")
    require(header["seq"] == (0 if before is None else before[0] + 1), "a gap")
    require(header["prev"] == (None if before is None else before[1]), "prev does not name the block before")
    heads[author, feed] = (header["seq"], hashlib.sha256(text + signature).hexdigest())
    if "content" in entry or "content_b64" in entry:
        content = entry["content"].encode() if "content" in entry else unpadded(entry["content_b64"])
        salted = hashlib.sha256(unpadded(entry["salt"]) + content).hexdigest()
        require(header["content"]["size"] == len(content), "the content has another size")
        require(header["content"]["hash"] == salted, "the content does not match its hash")


def main(source):
    logs, heads, count = {}, {}, 0
    for number, line in enumerate(source, 1):
        line = line.rstrip(b"\n")
        try:
            entry = parse(line)
            require(canonical(entry).encode() == line, "the line is not canonical")
            if "kel" in entry:
                logs[entry["author"]] = key_log(entry["author"], entry["kel"])
            else:
                check_block(line, entry, logs, heads)
                count += 1
        except (Wrong, KeyError, TypeError, ValueError) as error:
            print(f"line {number}: {error}", file=sys.stderr)
            sys.exit(13)
    print(f"{count} blocks of {len(logs)} authors are good")


main(open(sys.argv[1], "rb") if len(sys.argv) > 1 else sys.stdin.buffer)
