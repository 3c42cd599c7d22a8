#!/usr/bin/env python3
"""Plays the person at the terminal: `kiana-node init`, the code written down, two groups typed back.

Usage: terminal_init.py right|wrong     in an empty folder that is HOME, kiana-node in PATH
"""
import os
import re
import sys

from terminal import play

CODE = r"((?:[a-z0-9]{4} ){15}[a-z0-9]{4})"


def main(mode):
    answered = 0

    def answer(seen):
        nonlocal answered
        questions = re.findall(r"Group (\d+) of the code: ", seen)
        if len(questions) == answered:
            return None
        answered = len(questions)
        groups = re.search(CODE, seen).group(1).split()
        return groups[int(questions[-1]) - 1] if mode == "right" else "zzzz"

    seen, status = play(["kiana-node", "init"], answer)
    code = re.search(CODE, seen).group(1)
    assert seen.count(code) == 1, "the code is shown once"
    print(f"{answered} questions, status {status}")
    left = [os.path.join(folder, name) for folder, _, names in os.walk(".") for name in names]
    print("files with the code:", sum(code[:9].encode() in open(name, "rb").read() for name in left))
    print("unconfirmed files:", sum("UNCONFIRMED" in name for name in left))


main(sys.argv[1])
