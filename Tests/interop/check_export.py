#!/usr/bin/env python3
"""An independent checker of exported blocks, written from docs/FORMATS.md and nothing else.

Usage: check_export.py [FILE]        FILE: lines of `kiana-node export`; default standard input

Checks canonical JSON, digests and signatures of key events, ids, signatures, contents, and the
chain of each feed. Plain Python without packages; about 200 blocks a second. Exit status 13 when
something is wrong, and says in which line.
"""
import hashlib
import sys

import ed25519
from key_log import KeyLog, Wrong, canonical, parse, primitive, require, unpadded

MEMBERS = ["author", "content", "epoch", "feed", "key", "kind", "prev", "refs", "seq", "tags",
           "time", "topic", "v"]


def check_block(line, entry, logs, heads):
    header = entry["header"]
    text = canonical(header).encode()
    require(text in line, "the header's bytes are not canonical")
    require(all(name in header for name in MEMBERS), "a member is missing")
    author, feed = header["author"], header["feed"]
    require(author in logs, "the author's key log is not here")
    signature = unpadded(entry["sig"])
    message = b"kiana/block/v1\0" + text
    require(ed25519.verify(primitive(header["key"], "D"), message, signature), "the signature is wrong")
    block_id = hashlib.sha256(text + signature).hexdigest()
    logs[author].block_verdict(header, block_id)
    before = heads.get((author, feed))
    require(header["epoch"] == 0, "this checker follows epoch 0 only")
    require(header["seq"] == (0 if before is None else before[0] + 1), "a gap")
    require(header["prev"] == (None if before is None else before[1]), "prev does not name the block before")
    heads[author, feed] = (header["seq"], block_id)
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
                logs[entry["author"]] = KeyLog(entry["author"], entry["kel"])
            else:
                check_block(line, entry, logs, heads)
                count += 1
        except (Wrong, KeyError, TypeError, ValueError) as error:
            print(f"line {number}: {error}", file=sys.stderr)
            sys.exit(13)
    print(f"{count} blocks of {len(logs)} authors are good")


if __name__ == "__main__":
    main(open(sys.argv[1], "rb") if len(sys.argv) > 1 else sys.stdin.buffer)
