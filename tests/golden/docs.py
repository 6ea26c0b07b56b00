#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs.py BIN_DIR FILE...: the examples in the documentation are what the program prints.

A comment `<!-- tcpladder show ... -->` stands before the block that shows the output of that command,
run among the recordings of golden/ladder. With TCPLADDER_UPDATE_GOLDEN=1 the blocks are written anew.
"""

import difflib
import os
import re
import subprocess
import sys

RECORDINGS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ladder", "recordings")
EXAMPLE = re.compile(r"(<!-- (tcpladder show [^\n]*) -->\n```\n(?:\$ [^\n]*\n)?)(.*?)(```\n)", re.DOTALL)

programs, *files = sys.argv[1:]
environment = dict(os.environ, LC_ALL="C.UTF-8", TZ="UTC",
                   PATH=os.path.abspath(programs) + ":" + os.environ["PATH"])
different = 0


def printed(command):
    return subprocess.run(command, shell=True, cwd=RECORDINGS, env=environment, check=True, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


for name in files:
    with open(name, encoding="utf-8") as file:
        text = file.read()
    examples = EXAMPLE.findall(text)
    assert examples, f"{name} has no example"
    fresh = EXAMPLE.sub(lambda it: it[1] + printed(it[2]) + it[4], text)
    if fresh != text and os.environ.get("TCPLADDER_UPDATE_GOLDEN"):
        with open(name, "w", encoding="utf-8") as file:
            file.write(fresh)
    elif fresh != text:
        different += 1
        sys.stderr.writelines(difflib.unified_diff(text.splitlines(True), fresh.splitlines(True),
                                                   name, "what is printed"))
    print(f"{name}: {len(examples)} examples")
sys.exit(different != 0)
