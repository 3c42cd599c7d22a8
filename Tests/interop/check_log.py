#!/usr/bin/env python3
"""An independent checker of audit logs and their proofs, from the C2SP texts and docs/FORMATS.md.

Usage: check_log.py tiles DIR [--vkey KEY ...] [--policy FILE] [--checkpoint FILE]
       check_log.py proof FILE (--policy FILE | --vkey KEY ...)
       check_log.py block FILE [--policy FILE | --vkey KEY ...]

tiles  an exported log (c2sp.org/tlog-tiles): checkpoint, every tile, every bundle of entries.
       --checkpoint takes an older checkpoint instead: it is good when the log goes on from it.
proof  what `kiana-audit prove SEQ` prints (c2sp.org/tlog-proof).
block  what `kiana-audit prove --block ID` prints. Without a policy the log's keys are taken from
       the key log in the file.

A KEY is a verifier key of a log or a witness (c2sp.org/signed-note), a policy says which witnesses
are enough (c2sp.org/tlog-policy). Plain Python without packages. Exit status 0 when all is good, 1
when something is wrong, with one line that says what.
"""
import argparse
import base64
import hashlib
import os
import re
import sys

import ed25519
from key_log import KeyLog, Wrong, canonical, parse, primitive, require, unpadded

NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def base64_bytes(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Wrong("no base64") from error
    require(base64.b64encode(data).decode() == text, "base64 with another spelling")
    return data


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise Wrong(f"{path}: {error.strerror}") from error


# Trees (RFC 6962 section 2.1, RFC 9162 section 2.1.3.2)

def leaf_hash(entry):
    return sha256(b"\0", entry)


def node_hash(left, right):
    return sha256(b"\1", left, right)


def root_of(hashes):
    """The root over hashes of one level."""
    if not hashes:
        return sha256()
    stack = []
    for place, value in enumerate(hashes):
        while place & 1:
            value = node_hash(stack.pop(), value)
            place >>= 1
        stack.append(value)
    root = stack.pop()
    while stack:
        root = node_hash(stack.pop(), root)
    return root


def includes(leaf, index, size, path, root):
    if not 0 <= index < size:
        return False
    place, last, value = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            value = node_hash(sibling, value)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and value == root


# Signed notes, checkpoints and cosignatures

class Key:
    """A verifier key: name, type (1 for a log, 4 for a witness), public key."""

    def __init__(self, name, kind, public):
        self.name, self.kind, self.public = name, kind, public
        self.id = sha256(name.encode(), b"\n", bytes([kind]), public)[:4]

    @classmethod
    def read(cls, text):
        parts = text.split("+", 2)
        require(len(parts) == 3 and parts[0] and not re.search(r"\s", parts[0]), f"no verifier key: {text}")
        data = base64_bytes(parts[2])
        require(len(data) == 33 and data[0] in (1, 4), f"no Ed25519 key: {text}")
        key = cls(parts[0], data[0], data[1:])
        require(key.id.hex() == parts[1], f"the hash in the verifier key is wrong: {text}")
        return key

    def verify(self, signature, text):
        if self.kind == 1:
            return len(signature) == 64 and ed25519.verify(self.public, text, signature)
        time = int.from_bytes(signature[:8], "big")
        message = b"cosignature/v1\ntime %d\n" % time + text
        return len(signature) == 72 and 0 < time < 2**63 and ed25519.verify(self.public, message, signature[8:])


class Checkpoint:
    def __init__(self, note):
        require(all(byte >= 0x20 or byte == 0x0A for byte in note), "a note with control characters")
        split = note.rfind(b"\n\n")
        require(split > 0 and note.endswith(b"\n"), "no signed note")
        self.text = note[:split + 1]
        lines = self.text.decode("utf-8").split("\n")[:-1]
        require(len(lines) >= 3 and all(lines) and NUMBER.fullmatch(lines[1]), "no checkpoint")
        self.origin, self.size, self.root = lines[0], int(lines[1]), base64_bytes(lines[2])
        self.signatures = [self._signature(line)
                           for line in note[split + 2:].decode("utf-8").split("\n")[:-1]]
        require(self.signatures, "a note without a signature")

    @staticmethod
    def _signature(line):
        words = line.split(" ")
        require(len(words) == 3 and words[0] == "\u2014" and words[1] and "+" not in words[1],
                "no signature line")
        data = base64_bytes(words[2])
        require(len(data) > 4, "a short signature")
        return words[1], data[:4], data[4:]

    def signers(self, keys):
        """Those of the keys that signed. A wrong signature by one of them spoils the note."""
        found = []
        for name, number, signature in self.signatures:
            for key in keys:
                if (key.name, key.id) == (name, number):
                    require(key.verify(signature, self.text), f"the signature of {name} is wrong")
                    found.append(key)
        return found


class Policy:
    """Logs, witnesses, and how many of them are enough."""

    def __init__(self, keys):
        self.logs = [key for key in keys if key.kind == 1]
        self.witnesses = {str(place): key for place, key in enumerate(keys) if key.kind == 4}
        self.groups = {}
        # Keys that were named one by one must all have signed.
        self.quorum = None
        if self.witnesses:
            self.groups["all"] = (len(self.witnesses), list(self.witnesses))
            self.quorum = "all"

    @classmethod
    def read(cls, path):
        policy, has_quorum, members = cls([]), False, set()
        for number, line in enumerate(read(path).decode("utf-8").split("\n"), 1):
            words = [word for word in re.split("[ \t]", line) if word]
            if not words or words[0].startswith("#"):
                continue
            try:
                if words[0] == "log" and len(words) in (2, 3):
                    policy.logs.append(Key.read(words[1]))
                elif words[0] == "witness" and len(words) in (3, 4):
                    policy._fresh(words[1])
                    key = Key.read(words[2])
                    require(all(key.public != other.public for other in policy.witnesses.values()),
                            "a witness stands twice")
                    policy.witnesses[words[1]] = key
                elif words[0] == "group" and len(words) >= 4:
                    policy._fresh(words[1])
                    names = words[3:]
                    for name in names:
                        require(policy._knows(name) and name not in members, f"{name} cannot be a member")
                        members.add(name)
                    least = {"any": "1", "all": str(len(names))}.get(words[2], words[2])
                    require(NUMBER.fullmatch(least) and 1 <= int(least) <= len(names), "no threshold")
                    policy.groups[words[1]] = (int(least), names)
                elif words[0] == "quorum" and len(words) == 2 and not has_quorum:
                    require(words[1] == "none" or policy._knows(words[1]), f"{words[1]} is not defined")
                    policy.quorum = None if words[1] == "none" else words[1]
                    has_quorum = True
                else:
                    raise Wrong("no line of a policy")
            except Wrong as error:
                raise Wrong(f"{path}:{number}: {error}") from error
        require(has_quorum, f"{path}: no quorum line")
        return policy

    def _fresh(self, name):
        require(name not in ("none", "all", "any") and not self._knows(name), f"{name} is taken")

    def _knows(self, name):
        return name in self.witnesses or name in self.groups

    def _has(self, name, signers):
        if name in self.witnesses:
            return self.witnesses[name] in signers
        least, names = self.groups[name]
        return sum(self._has(member, signers) for member in names) >= least

    def check(self, checkpoint):
        """The witnesses that signed; refuses a checkpoint that does not count."""
        logs = [key for key in self.logs if key.name == checkpoint.origin]
        signers = checkpoint.signers(logs + list(self.witnesses.values()))
        require(any(key in logs for key in signers), f"no known key signed for {checkpoint.origin}")
        require(self.quorum is None or self._has(self.quorum, signers), "too few witnesses signed")
        return [key for key in signers if key not in logs]


# tiles: a log as files

def tile_path(level, index, width):
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    return f"tile/{level}/{'/'.join(groups)}" + (f".p/{width}" if width < 256 else "")


def tile_place(path):
    """Level, index and width of a file; None for what is no tile."""
    match = re.fullmatch(r"tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/)*[0-9]{3})(\.p/([1-9][0-9]{0,2}))?", path)
    if not match:
        return None
    width = int(match[4] or 256)
    place = match[1], int(match[2].replace("x", "").replace("/", "")), width
    return place if tile_path(*place) == path and (width < 256) == bool(match[3]) else None


def bundle(data, path):
    entries = []
    while data:
        size = int.from_bytes(data[:2], "big")
        require(len(data) >= 2 + size, f"{path} is cut short")
        entries.append(data[2:2 + size])
        data = data[2 + size:]
    return entries


class Tiles:
    def __init__(self, folder, checkpoint):
        self.folder, self.size = folder, checkpoint.size
        self.levels = []
        while self.size >> 8 * len(self.levels):
            self._level(len(self.levels))
        root = root_of(self.levels[0] if self.levels else [])
        require(root == checkpoint.root, "the tiles do not give the root of the checkpoint")

    def _open(self, level, index, width):
        """The tile, or a wider one that replaced it: hashes of a place never change."""
        for wider in range(width, 257):
            path = tile_path(level, index, wider)
            if os.path.exists(f"{self.folder}/{path}"):
                return path
        return tile_path(level, index, width)

    def _level(self, level):
        count, hashes = self.size >> 8 * level, []
        for start in range(0, count, 256):
            width = min(256, count - start)
            path = self._open(level, start // 256, width)
            data = read(f"{self.folder}/{path}")
            require(len(data) % 32 == 0 and len(data) >= 32 * width, f"{path} is cut short")
            hashes += [data[32 * place:32 * place + 32] for place in range(width)]
        if level:
            below = self.levels[-1]
            for place, value in enumerate(hashes):
                require(value == root_of(below[256 * place:256 * place + 256]),
                        f"{tile_path(level, place // 256, 256)} does not follow from the level below")
        self.levels.append(hashes)

    def entries(self):
        """Checks the bundles. Returns how many entries from the first on were pruned."""
        pruned, said = 0, 0
        for start in range(0, self.size, 256):
            width = min(256, self.size - start)
            path = self._open("entries", start // 256, width)
            if not os.path.exists(f"{self.folder}/{path}") and pruned == start:
                pruned = start + width
                continue
            found = bundle(read(f"{self.folder}/{path}"), path)
            require(len(found) >= width, f"{path} is cut short")
            for place, entry in enumerate(found[:width]):
                require(leaf_hash(entry) == self.levels[0][start + place],
                        f"entry {start + place} in {path} is not the one in the tree")
                match = re.search(rb'"target":"seq:\.\.([0-9]{1,18})","type":"audit\.prune"', entry)
                said = max(said, int(match[1]) if match else 0)
        # Places count through the epochs, so that they are never below the index.
        require(pruned <= said, f"{tile_path('entries', 0, min(256, self.size))} is missing, "
                "and no entry says that it was pruned")
        return pruned

    def strays(self):
        """Checks what else lies there: older partial tiles. Returns what is beyond the checkpoint."""
        beyond = 0
        for folder, _, names in os.walk(f"{self.folder}/tile"):
            for name in names:
                path = os.path.relpath(f"{folder}/{name}", self.folder)
                place = tile_place(path)
                require(place is not None, f"{path} is no tile")
                level, index, width = place
                number = 0 if level == "entries" else int(level)
                known = self.levels[number] if number < len(self.levels) else []
                expected = known[256 * index:256 * index + width]
                if len(expected) < width:
                    beyond += 1
                    continue
                data = read(f"{self.folder}/{path}")
                found = b"".join(map(leaf_hash, bundle(data, path))) if level == "entries" else data
                require(found == b"".join(expected), f"{path} is not part of the tree")
        return beyond


def check_tiles(options):
    try:
        checkpoint = Checkpoint(read(options.checkpoint or f"{options.place}/checkpoint"))
        witnesses = options.policy.check(checkpoint) if options.policy else []
    except Wrong as error:
        raise Wrong(f"{options.checkpoint}: {error}" if options.checkpoint else error) from error
    tiles = Tiles(options.place, checkpoint)
    pruned, beyond = tiles.entries(), tiles.strays()
    print(f"{checkpoint.origin}: {checkpoint.size} entries are good")
    if pruned:
        print(f"entries 0 to {pruned - 1} are not in the copy; their hashes are")
    if beyond:
        print(f"{beyond} files are newer than the checkpoint, and were not checked")
    for key in witnesses:
        print(f"witness {key.name}")
    if not options.policy:
        print("the signature was not checked: give --vkey or --policy", file=sys.stderr)


# proof: one entry

def payload_commitment(salt, payload):
    return sha256(b"\2", salt, payload).hex()


def check_entry(entry):
    """The members of a leaf, docs/FORMATS.md section 5."""
    require(isinstance(entry, dict) and entry.get("v") == 1, "no entry")
    require(set(entry) <= {"actor", "kid", "pc", "ps", "result", "t", "target", "type", "v", "verdict"},
            "an entry with another member")
    for name, kind in (("actor", str), ("ps", int), ("result", str), ("t", int), ("target", str), ("type", str)):
        require(type(entry.get(name)) is kind, f"the entry has no {name}")
    require(entry["result"] in ("ok", "fail", "deny", "error"), "an entry with another result")
    require(entry.get("verdict", "valid") in ("valid", "invalid", "unknown"), "an entry with another verdict")
    require(len(canonical(entry).encode()) <= 4096, "an entry that is too long")


def read_proof(data):
    """Extra data, index, hashes and checkpoint of a tlog-proof."""
    head, found, note = data.partition(b"\n\n")
    lines = head.decode("utf-8").split("\n")
    require(found and lines.pop(0) == "c2sp.org/tlog-proof@v1", "no proof")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = base64_bytes(lines.pop(0)[6:])
    match = re.fullmatch(r"index (0|[1-9][0-9]{0,18})", lines.pop(0) if lines else "")
    require(match, "a proof without an index")
    hashes = [base64_bytes(line) for line in lines]
    require(all(len(value) == 32 for value in hashes) and len(hashes) <= 63, "a hash of another size")
    return extra, int(match[1]), hashes, Checkpoint(note)


def check_proof(data, policy):
    """Returns the entry, its index, its payload or None, the checkpoint, and who witnessed it.

    - policy: from the checkpoint, whose signatures count.
    """
    extra, index, hashes, checkpoint = read_proof(data)
    require(extra is not None, "the proof brings no entry")
    brought = parse(extra)
    require(isinstance(brought, dict) and "entry" in brought, "the proof brings no entry")
    entry, payload = brought["entry"], None
    check_entry(entry)
    witnesses = policy(checkpoint).check(checkpoint)
    require(includes(leaf_hash(canonical(entry).encode()), index, checkpoint.size, hashes, checkpoint.root),
            "the entry is not in the tree of the checkpoint")
    if "payload" in brought or "salt" in brought:
        payload, salt = base64_bytes(brought["payload"]), bytes.fromhex(brought["salt"])
        require(entry.get("pc") == payload_commitment(salt, payload) and entry["ps"] == len(payload),
                "the payload is not the one of the entry")
    return entry, index, payload, checkpoint, witnesses


def tell(entry, index, checkpoint, witnesses):
    print(f"entry {index} of {checkpoint.size} in {checkpoint.origin}")
    print(canonical(entry))
    for key in witnesses:
        print(f"witness {key.name}")


def check_proof_file(options):
    require(options.policy, "whose log counts? give --policy or --vkey")
    entry, index, payload, checkpoint, witnesses = check_proof(read(options.place), lambda _: options.policy)
    tell(entry, index, checkpoint, witnesses)
    if payload is not None:
        print(ascii(payload.decode("utf-8", "replace"))[1:-1])


# block: a block, its author's keys, and its place in a log

def check_block(block):
    """The id of a block and its header."""
    header, signature = block["header"], unpadded(block["sig"])
    text = canonical(header).encode()
    require(len(signature) == 64 and ed25519.verify(
        primitive(header["key"], "D"), b"kiana/block/v1\0" + text, signature),
        "the signature of the block is wrong")
    if "content" in block or "content_b64" in block:
        content = block["content"].encode() if "content" in block else unpadded(block["content_b64"])
        require(header["content"]["size"] == len(content)
                and header["content"]["hash"] == sha256(unpadded(block["salt"]), content).hex(),
                "the content does not match its hash")
    return sha256(text, signature).hex(), header


def own_policy(kels):
    """Takes the keys of a log from the key log of the node that its origin names."""
    def find(checkpoint):
        match = re.fullmatch(r"kiana/([A-Za-z0-9_-]{44})/audit/(0|[1-9][0-9]*)", checkpoint.origin)
        require(match and match[1] in kels, "the key log of the node whose log it is is not in it")
        keys = KeyLog(match[1], kels[match[1]]).log_keys(checkpoint.origin, checkpoint.size)
        return Policy([Key(checkpoint.origin, 1, key) for key in keys])
    return find


def check_range(block_id, entry, proof):
    """What the node found of a block that came among others; the five letters."""
    payload, salt = base64_bytes(proof["payload"]), bytes.fromhex(proof["salt"])
    require(entry.get("pc") == payload_commitment(salt, payload) and entry["ps"] == len(payload),
            "the payload is not the one of the entry")
    place, line = proof["range"], proof["verdict"].encode()
    path = [bytes.fromhex(text) for text in place["hashes"]]
    require(includes(leaf_hash(line), place["index"], place["size"], path, bytes.fromhex(parse(payload)["root"])),
            "the block is not among those of the entry")
    verdict = parse(line)
    require(canonical(verdict).encode() == line and set(verdict) == {"checks", "id", "verdict"}
            and verdict["id"] == block_id, "the verdict is on another block")
    require(re.fullmatch(r"[-+?]{5}", verdict["checks"]), "no checks")
    said = "invalid" if "-" in verdict["checks"] else "unknown" if "?" in verdict["checks"] else "valid"
    require(verdict["verdict"] == said, "the verdict is not what the checks say")
    return verdict["checks"]


def check_block_file(options):
    data = read(options.place)
    proof = parse(data)
    require(canonical(proof).encode() + b"\n" == data and proof.get("v") == 1, "no proof of a block")
    block_id, header = check_block(proof["block"])
    kels = proof["kels"]
    require(header["author"] in kels, "the key log of the author is not in it")
    standing = KeyLog(header["author"], kels[header["author"]]).block_verdict(header, block_id)
    policy = (lambda _: options.policy) if options.policy else own_policy(kels)
    entry, index, _, checkpoint, witnesses = check_proof(proof["proof"].encode(), policy)
    # Scripts append entries of their own, with any target and payload: those judge no block.
    require(entry["type"] in ("block.accept", "block.validate", "feed.cut", "feed.return"),
            "the entry is no judgement of blocks")
    if "range" in proof:
        checks = check_range(block_id, entry, proof)
    else:
        require(entry["target"] == "blk:" + block_id and entry.get("verdict") == "valid",
                "the entry is about something else")
        checks = "+++++"
    print(f"block {block_id} by {header['author']}: {standing}, found {checks}")
    tell(entry, index, checkpoint, witnesses)


def main():
    parser = argparse.ArgumentParser(description="Check audit logs and proofs.")
    parser.add_argument("what", choices=["tiles", "proof", "block"])
    parser.add_argument("place", metavar="FILE")
    parser.add_argument("--vkey", action="append", default=[], help="key of a log or a witness")
    parser.add_argument("--policy", help="whose signatures are enough")
    parser.add_argument("--checkpoint", help="an older checkpoint of the log in DIR")
    options = parser.parse_args()
    try:
        if options.policy:
            options.policy = Policy.read(options.policy)
        elif options.vkey:
            options.policy = Policy([Key.read(text) for text in options.vkey])
        {"tiles": check_tiles, "proof": check_proof_file, "block": check_block_file}[options.what](options)
    except (Wrong, KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        words = str(error) if isinstance(error, Wrong) else f"malformed: {type(error).__name__} {error}"
        print(f"{options.place}: {words}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
