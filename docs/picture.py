#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes docs/ladder.svg: the terminal, as it shows a recorded run of the main job.

    docs/picture.py build/bin
"""

import html
import os
import re
import subprocess
import sys
import unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDING = os.path.join(HERE, "..", "tests", "golden", "ladder", "recordings", "daytime.pcapng")
COLUMNS, CELL, LINE, MARGIN, BAR = 100, 8.4, 16.3, 14, 30  # a rail without gaps between lines
STYLES = {"1": "font-weight='bold'", "2": "opacity='.6'", "31": "fill='#f47067'",
          "32": "fill='#8ddb8c'", "33": "fill='#daaa3f'", "35": "fill='#dcbdfb'",
          "36": "fill='#76e3ea'"}


def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def spans(line):
    """A line's pieces, each at its own column: fonts differ in how wide they draw a rung."""
    column, style = 0, ""
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        if piece.startswith("\x1b["):
            style = " ".join(STYLES[code] for code in piece[2:-1].split(";") if code in STYLES)
            continue
        for word in re.findall(r" +|[^ ]+", piece):
            if word[0] != " ":
                size = f"textLength='{width(word) * CELL:.1f}' lengthAdjust='spacingAndGlyphs'"
                yield (f"<tspan x='{MARGIN + column * CELL:.1f}' {size} {style}>"
                       f"{html.escape(word)}</tspan>")
            column += width(word)


command = ["show", "-f", "ladder", "--width", str(COLUMNS), "--color", "always", RECORDING]
lines = subprocess.run([os.path.join(sys.argv[1], "tcpladder"), *command], check=True, text=True,
                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                       env=dict(os.environ, LC_ALL="C.UTF-8")).stdout.splitlines()
lines.insert(0, "$ sudo tcpladder trace")
wide, high = 2 * MARGIN + COLUMNS * CELL, round(BAR + MARGIN + len(lines) * LINE)
with open(os.path.join(HERE, "ladder.svg"), "w", encoding="utf-8") as picture:
    picture.write(
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {wide:.0f} {high}' "
        f"width='{wide:.0f}' height='{high}' font-size='14' "
        "font-family='DejaVu Sans Mono, Menlo, Consolas, monospace'>\n"
        "<title>One conversation as a ladder: two rails, an arrow a segment</title>\n"
        f"<rect width='{wide:.0f}' height='{high}' rx='8' fill='#22272e'/>\n"
        + "".join(f"<circle cx='{MARGIN + 6 + 20 * i}' cy='{BAR // 2}' r='6' fill='{color}'/>\n"
                  for i, color in enumerate(("#ec6a5e", "#f4bf4f", "#61c554")))
        + "<g fill='#adbac7'>\n")
    for number, line in enumerate(lines):
        picture.write(f"<text y='{BAR + 14 + number * LINE:.1f}'>{''.join(spans(line))}</text>\n")
    picture.write("</g>\n</svg>\n")
