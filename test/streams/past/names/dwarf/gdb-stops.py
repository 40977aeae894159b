# Runs in gdb, behind gdb-frames.py: steps a program, and tells at each stop its registers, its memory, its stack.
import json
import os

MEMORY = (0x80000000, 0x4000)

with open(os.environ["OUTPUT"], "w") as output:
    for _ in range(int(os.environ["STOPS"])):
        gdb.execute("stepi %s" % os.environ["STEP"], to_string=True)
        newest = gdb.newest_frame()
        registers = [str(int(newest.read_register("x%d" % number)) & (2**64 - 1)) if number else "0" for number in range(32)]
        memory = gdb.selected_inferior().read_memory(*MEMORY).tobytes().hex()
        output.write(json.dumps({"registers": registers, "memory": memory, "frames": frames()}) + "\n")
    output.write(json.dumps({"shapes": list(shapes)}) + "\n")
gdb.execute("kill")
