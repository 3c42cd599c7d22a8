"""Canonical JSON, BLAKE3, CESR and key logs, written from docs/FORMATS.md sections 1 and 3.

Shared by the checkers of this folder; plain Python without packages.
"""
import base64
import json
from fractions import Fraction

import ed25519


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


# Key logs

def threshold(value, places):
    """Whether the keys at these places are enough."""
    if isinstance(value, str):
        return len(places) >= int(value, 16)
    weights = [Fraction(weight) for weight in value]
    return sum(weights[place] for place in places if place < len(weights)) >= 1


def signatures(data):
    """The signatures after an event: (code, place, 64 bytes); and what follows them."""
    digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    require(data[:3] == b"-AA" and data[3:4] in digits, "no count of signatures")
    found, rest = [], data[4:]
    for _ in range(digits.index(data[3:4])):
        code, place = rest[:1], digits.find(rest[1:2])
        require(code in (b"A", b"B") and place >= 0 and len(rest) >= 88, "no signature")
        raw = unpadded("AA" + rest[2:88].decode())
        require(raw[:2] == b"\0\0", "a signature with bits in its padding")
        found.append((code, place, raw[2:]))
        rest = rest[88:]
    return found, rest


class KeyLog:
    """An identity's keys, by its key events from the first on, each of which must follow."""

    def __init__(self, aid, stream):
        self.aid, self.keys, self.events = aid, {}, 0
        data, self._previous = stream.encode(), None
        while data:
            require(data[:16] == b'{"v":"KERI10JSON', "no KERI event")
            size = int(data[16:22], 16)
            raw, data = data[:size], data[size:]
            event = parse(raw)
            require(json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode() == raw,
                    "an event is not compact")
            require(primitive(event["d"], "E") == digest(event), "an event's digest is wrong")
            require(event["i"] == aid, "another identity's log")
            require(event["s"] == format(self.events, "x"), "an event is missing")
            signed, data = signatures(data)
            self._take(event, raw, signed)
            self._previous, self.events = event, self.events + 1
            for anchor in event.get("a", []):
                if isinstance(anchor, dict) and anchor.get("kiana") == "key/1":
                    self._anchor(anchor)
        require(self._previous is not None, "an empty key log")

    def _take(self, event, raw, signed):
        before = self._previous
        if event["t"] == "icp":
            require(before is None and event["d"] == self.aid, "another identity's log")
        else:
            require(before is not None and event["p"] == before["d"], "an event does not follow")
            require(event["t"] in ("ixn", "rot"), "an event of another kind")
        establishes = event["t"] != "ixn"
        keys = event["k"] if establishes else self._control["k"]
        good = {}
        for code, place, signature in signed:
            require(place < len(keys), "a signature by no key")
            require(ed25519.verify(primitive(keys[place], "D"), raw, signature),
                    "an event's signature is wrong")
            good[place] = code
        require(threshold(event["kt"] if establishes else self._control["kt"], good),
                "too few keys signed an event")
        if event["t"] == "rot":
            committed = [place for place, code in good.items()
                         if code == b"A" and place < len(self._control["n"])
                         and primitive(self._control["n"][place], "E") == blake3(keys[place].encode())]
            require(threshold(self._control["nt"], committed),
                    "a rotation is not by the keys that were committed to")
        if establishes:
            self._control = event

    def _anchor(self, anchor):
        key, op = anchor.get("key"), anchor.get("op")
        known = self.keys.get(key)
        if op == "add" and known is None:
            self.keys[key] = {"use": anchor["use"], "state": "active", "last": None, "reason": None}
        elif known is not None and known["use"] == anchor.get("use") and known["state"] != "revoked":
            if op == "grace" and known["state"] == "active":
                known["state"] = "grace"
            elif op in ("retire", "revoke"):
                known.update(state=op + "d" if op == "retire" else "revoked",
                             last=anchor["last"], reason=anchor.get("reason"))

    def block_verdict(self, header, block_id):
        """What the log says of a block's key at its place; refuses what no node takes."""
        known = self.keys.get(header["key"])
        require(known is not None and known["use"] == "block", "the author's log does not have the key")
        if known["last"] is None:
            return "valid"
        compromised = known["reason"] == "compromise"
        places = [pin for pin in known["last"] if pin["feed"] == header["feed"]]
        require(places, "the key was taken back and vouches for nothing in this feed")
        pin, place = places[-1], (header["epoch"], header["seq"])
        if (pin["epoch"], pin["seq"]) == place:
            require(pin["id"] == block_id, "the author names another block at this place")
            return "valid-before-compromise" if compromised else "valid-retired"
        require(place < (pin["epoch"], pin["seq"]), "the key was taken back before this block")
        return "unproven"

    def log_keys(self, origin, size):
        """The log keys that may sign a checkpoint of that size."""
        def counts(known):
            if known["use"] != "log":
                return False
            last = known["last"]
            return last is None or isinstance(last, dict) and last["log"] == origin and size <= last["size"]
        return [primitive(key, "D") for key, known in self.keys.items() if counts(known)]
