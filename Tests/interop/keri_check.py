#!/usr/bin/env python3
"""Asks stock keripy whether it accepts key event logs of kiana, and refuses them when tampered.

Usage: keri_check.py EXPORT [...]     EXPORT: lines of `kiana-node export`; '-' is standard input

Needs the package keri==1.1.17 (PyPI) and libsodium. Exit status 0 when every log is accepted as it
is and refused with one byte changed.
"""
import json
import logging
import pathlib
import re
import shutil
import sys
import tempfile

from keri.core import eventing, parsing
from keri.db import basing

logging.disable(logging.CRITICAL)


def accepted(log):
    """The digest of the event that keripy takes for the log's last one; None when it takes none."""
    with basing.openDB(name="kiana", temp=True) as database:
        kevery = eventing.Kevery(db=database, lax=True, local=False)
        parsing.Parser(framed=True, kvy=kevery).parse(ims=bytearray(log.encode()))
        last = next((kever.serder.said for kever in kevery.kevers.values()), None)
        folder = pathlib.Path(database.path)
    # keripy deletes the database, and leaves the folders around it.
    while folder.parent != pathlib.Path(tempfile.gettempdir()) and folder.parent != folder:
        folder = folder.parent
    if folder.name.startswith("keri_lmdb_"):
        shutil.rmtree(folder, ignore_errors=True)
    return last


def end(log):
    """The digest of the log's last event, which may supersede earlier ones."""
    return re.findall(r'\{"v":"KERI10JSON[^"]*","t":"[a-z]*","d":"([^"]*)"', log)[-1]


def tampered(log):
    """The log with one character of the last anchored key changed, sizes intact."""
    place = log.rindex('"key":"D') + len('"key":"D') + 20
    other = "A" if log[place] != "A" else "B"
    return log[:place] + other + log[place + 1:]


def main(paths):
    count = 0
    for path in paths:
        lines = sys.stdin if path == "-" else open(path, encoding="utf-8")
        for line in lines:
            entry = json.loads(line)
            if "kel" not in entry:
                continue
            log = entry["kel"]
            last = end(log)
            if accepted(log) != last:
                sys.exit(f"keripy does not accept the log of {entry['author']}")
            if accepted(tampered(log)) == last:
                sys.exit(f"keripy accepts a tampered log of {entry['author']}")
            count += 1
    if count == 0:
        sys.exit("there is no key log in the input")
    print(f"keripy accepts {count} key logs, and refuses each one with a byte changed")


main(sys.argv[1:] or ["-"])
