#!/usr/bin/env python3
"""Makes a small sample of original KI_ana data, one file of each format, by the original's formulas.

Usage: legacy_sample.py FOLDER

The blocks are invented; the formulas stand in docs/FORMATS.md, "Original blocks". Each signature is
by a key made for this sample.
"""
import base64
import hashlib
import json
import os
import sys

import ed25519

SPACED = (", ", ": ")
COMPACT = (",", ":")
SEED = hashlib.sha256(b"kiana sample").digest()
KEY = ed25519.public_key(SEED)


def dumps(value, separators, ascii_only):
    text = json.dumps(value, sort_keys=True, separators=separators, ensure_ascii=ascii_only)
    return text.encode()


def without(block, *names):
    return {name: value for name, value in block.items() if name not in names}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def b64(data):
    return base64.b64encode(data).decode()


def chain_block(number, previous, topic):
    return {
        "block_id": number, "timestamp": f"2025-08-0{number}T09:12:14.384080Z",
        "previous_hash": previous, "type": "knowledge", "topic": topic, "source": "🗂️ Probe",
        "memory_path": "", "content_hash": "", "meta": {"größe": 1.5 * number},
    }


def format_a():
    blocks, previous = {}, None
    for number, text in enumerate(["Der Brunnen wurde 1911 gegraben.", "Die Linde ist älter."]):
        block = {
            "content": text, "metadata": {"topic": "Dorf"}, "timestamp": 1761200398.8824797 + number,
            "device_id": "sample-device", "previous_hash": previous,
        }
        digest = sha256(dumps(block, SPACED, True))
        name = f"sample-{number}"
        blocks[name] = {"id": name, "hash": digest, **block}
        previous = digest
    return blocks


def format_b(previous):
    block = chain_block(1, previous, "über den Brunnen")
    return {**block, "hash": sha256(dumps(block, SPACED, False))}


def format_c(previous):
    block = chain_block(2, previous, "Brunnen")
    text = dumps(block, SPACED, False)
    return {
        **block, "hash": sha256(text), "signer_pubkey": b64(KEY),
        "signature": b64(ed25519.sign(SEED, text)),
    }


def format_d(previous):
    block = {**chain_block(3, previous, "Linde"), "signer_pubkey": b64(KEY)}
    text = dumps(block, COMPACT, False)
    return {
        **block, "hash": sha256(text), "pubkey": b64(KEY), "signed_at": "2025-11-05T10:06:06Z",
        "signature": b64(ed25519.sign(SEED, text)),
    }


def format_e():
    block = {"topic": "Schule", "content": "Die Schule hat zwei Klassen.", "hash": "unused"}
    text = dumps(block, COMPACT, False)
    return {**block, "pubkey": KEY.hex(), "signature": ed25519.sign(SEED, text).hex()}


def format_f():
    return {"title": "Anfang", "topic": "Dorf", "content": "Das Dorf liegt am Fluss."}


def write(folder, name, value):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=2)


def main(folder):
    os.makedirs(folder, exist_ok=True)
    write(folder, "a_blocks.json", format_a())
    first = format_b("GENESIS_BLOCK_HASH")
    second = format_c(first["hash"])
    write(folder, "b_chain_v1.json", first)
    write(folder, "c_chain_v2.json", second)
    write(folder, "d_chain_v3.json", format_d(second["hash"]))
    write(folder, "e_subki.json", format_e())
    write(folder, "f_init.json", format_f())


if len(sys.argv) != 2:
    sys.exit(__doc__.strip())
main(sys.argv[1])
