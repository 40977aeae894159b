# Runs in gdb: steps a program, and tells at each stop what gdb knows of it: registers, frames, variables.
import gdb
import json
import os

STOPS = int(os.environ["STOPS"])
STEP = int(os.environ["STEP"])
OUTPUT = os.environ["OUTPUT"]
MEMORY = (0x80000000, 0x4000)
NUMBERS = {gdb.TYPE_CODE_INT, gdb.TYPE_CODE_PTR, gdb.TYPE_CODE_ENUM, gdb.TYPE_CODE_CHAR, gdb.TYPE_CODE_BOOL}


def told(value):
    """A number; an address, where it is something larger in memory; None: it is not known."""
    try:
        if value.is_optimized_out:
            return None
        kind = value.type.strip_typedefs()
        if kind.code in NUMBERS:
            return {"number": str(int(value)), "bytes": kind.sizeof}
        if value.address is not None:
            return {"address": str(int(value.address)), "bytes": kind.sizeof}
        return {"other": True}
    except gdb.error:
        return None


def variables(frame):
    found = []
    block = frame.block()
    while block is not None:
        for symbol in block:
            if (symbol.is_variable or symbol.is_argument) and symbol.type is not None:
                found.append({"name": symbol.name, "isParameter": symbol.is_argument, "is": told(symbol.value(frame))})
        if block.function is not None:
            return found
        block = block.superblock
    return found


def frames():
    found = []
    frame = gdb.newest_frame()
    while frame is not None and len(found) < 40:
        one = {"pc": str(frame.pc()), "name": frame.name(), "isInline": frame.type() == gdb.INLINE_FRAME}
        try:
            one["variables"] = variables(frame)
        except RuntimeError:
            one["variables"] = []
        found.append(one)
        frame = frame.older()
    return found


with open(OUTPUT, "w") as output:
    for _ in range(STOPS):
        gdb.execute("stepi %d" % STEP, to_string=True)
        newest = gdb.newest_frame()
        registers = [str(int(newest.read_register("x%d" % number)) & (2**64 - 1)) if number else "0" for number in range(32)]
        memory = gdb.selected_inferior().read_memory(*MEMORY).tobytes().hex()
        output.write(json.dumps({"registers": registers, "memory": memory, "frames": frames()}) + "\n")
gdb.execute("kill")
