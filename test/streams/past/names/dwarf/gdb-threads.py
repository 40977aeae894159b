# Runs in gdb, behind gdb-frames.py: what it knows of the stack of each thread of a core.
import json
import os

with open(os.environ["OUTPUT"], "w") as output:
    for thread in sorted(gdb.selected_inferior().threads(), key=lambda one: one.ptid[1]):
        thread.switch()
        output.write(json.dumps({"thread": thread.ptid[1], "frames": frames(int(os.environ["FRAMES"]))}) + "\n")
    output.write(json.dumps({"shapes": list(shapes)}) + "\n")
