#!/usr/bin/env python3
"""Plays a person at a terminal, who waits for each question before answering it.

Usage: terminal.py ANSWERS COMMAND [ARGUMENT...]     ANSWERS: a file of lines 'end of question<TAB>answer'

Prints what the terminal showed and ends with the command's status.
"""
import os
import pty
import select
import sys


def main(path, command):
    with open(path, encoding="utf-8") as lines:
        answers = [line.rstrip("\n").split("\t") for line in lines]
    process, terminal = pty.fork()
    if process == 0:
        os.execvp(command[0], command)
    seen, since = "", 0
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
        if answers and seen[since:].endswith(answers[0][0]):
            since = len(seen)
            os.write(terminal, (answers.pop(0)[1] + "\n").encode())
    _, status = os.waitpid(process, 0)
    print(seen.replace("\r\n", "\n"), end="")
    sys.exit(os.waitstatus_to_exitcode(status))


main(sys.argv[1], sys.argv[2:])
