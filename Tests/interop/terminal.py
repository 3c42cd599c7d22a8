#!/usr/bin/env python3
"""Plays a person at a terminal, who waits for each question before answering it.

Usage: terminal.py ANSWERS COMMAND [ARGUMENT...]     ANSWERS: a file of lines 'end of question<TAB>answer'

Prints what the terminal showed and ends with the command's status.
"""
import os
import pty
import select
import sys


def play(command, answer):
    """Runs a command on a terminal: what it showed, and its status.

    answer is asked with all that was shown whenever more comes; what it returns is typed, None is not.
    """
    process, terminal = pty.fork()
    if process == 0:
        os.execvp(command[0], command)
    seen = ""
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
        text = answer(seen)
        if text is not None:
            os.write(terminal, (text + "\n").encode())
    _, status = os.waitpid(process, 0)
    return seen, os.waitstatus_to_exitcode(status)


def main(path, command):
    with open(path, encoding="utf-8") as lines:
        answers = [line.rstrip("\n").split("\t") for line in lines]
    since = 0

    def answer(seen):
        nonlocal since
        if not answers or not seen[since:].endswith(answers[0][0]):
            return None
        since = len(seen)
        return answers.pop(0)[1]

    seen, status = play(command, answer)
    print(seen.replace("\r\n", "\n"), end="")
    sys.exit(status)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
