#!/usr/bin/env python3
"""Plays the person at the terminal: `kiana-node init`, the code written down, two groups typed back.

Usage: terminal_init.py right|wrong     in an empty folder that is HOME, kiana-node in PATH
"""
import os
import pty
import re
import select
import sys


def main(mode):
    process, terminal = pty.fork()
    if process == 0:
        os.execvp("kiana-node", ["kiana-node", "init"])
    seen, answered = "", 0
    while True:
        ready, _, _ = select.select([terminal], [], [], 20)
        if not ready:
            sys.exit(f"the command waits for something: {seen}")
        try:
            data = os.read(terminal, 4096)
        except OSError:
            break
        if not data:
            break
        seen += data.decode()
        questions = re.findall(r"Group (\d+) of the code: ", seen)
        if len(questions) > answered:
            groups = re.search(r"((?:[a-z0-9]{4} ){15}[a-z0-9]{4})", seen).group(1).split()
            answered = len(questions)
            answer = groups[int(questions[-1]) - 1]
            os.write(terminal, ((answer if mode == "right" else "zzzz") + "\n").encode())
    _, status = os.waitpid(process, 0)
    code = re.search(r"((?:[a-z0-9]{4} ){15}[a-z0-9]{4})", seen).group(1)
    assert seen.count(code) == 1, "the code is shown once"
    print(f"{answered} questions, status {os.waitstatus_to_exitcode(status)}")
    left = [os.path.join(folder, name) for folder, _, names in os.walk(".") for name in names]
    print("files with the code:", sum(code[:9].encode() in open(name, "rb").read() for name in left))
    print("unconfirmed files:", sum("UNCONFIRMED" in name for name in left))


main(sys.argv[1])
