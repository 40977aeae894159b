# Runs in gdb: tells all variables of all frames as trees of their parts, on one line.
import gdb
import json

ELEMENTS = 6
DEPTH = 4
NUMBERS = {gdb.TYPE_CODE_INT, gdb.TYPE_CODE_PTR, gdb.TYPE_CODE_ENUM, gdb.TYPE_CODE_CHAR, gdb.TYPE_CODE_BOOL}
STRUCTURES = {gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION}


def fields(value, depth):
    found = {}
    for field in value.type.strip_typedefs().fields():
        inner = value[field]
        if field.name:
            found[field.name] = told(inner, depth - 1)
        else:
            found.update(fields(inner, depth))
    return found


def told(value, depth=DEPTH):
    """None: it is not known."""
    try:
        # What an implicit pointer points to is in no memory.
        if value.is_optimized_out or "synthetic pointer" in str(value):
            return None
        kind = value.type.strip_typedefs().unqualified()
        if kind.code in NUMBERS:
            one = {"number": str(int(value))}
            if kind.code == gdb.TYPE_CODE_PTR and depth > 0:
                target = kind.target().strip_typedefs()
                if target.code in STRUCTURES or target.code in NUMBERS:
                    pointed = told(value.dereference(), depth - 2)
                    if pointed is not None:
                        one["target"] = pointed
            return one
        if kind.code == gdb.TYPE_CODE_FLT:
            return {"float": float(value)}
        if depth <= 0:
            return {}
        if kind.code in STRUCTURES:
            return {"fields": fields(value, depth)}
        if kind.code == gdb.TYPE_CODE_ARRAY:
            low, high = kind.range()
            return {
                "length": high - low + 1,
                "elements": [told(value[index], depth - 1) for index in range(low, min(high + 1, low + ELEMENTS))],
            }
        return {}
    except gdb.error:
        return None


def is_sound(symbol, frame):
    """In an inlined frame, gdb takes what was passed to the function around it from the wrong frame."""
    if frame.type() != gdb.INLINE_FRAME:
        return True
    frame.select()
    return "entry_value" not in gdb.execute("info address " + symbol.name, to_string=True)


def variables(frame):
    found = []
    block = frame.block()
    while block is not None:
        for symbol in block:
            if (symbol.is_variable or symbol.is_argument) and symbol.type is not None:
                try:
                    is_now = told(symbol.value(frame)) if is_sound(symbol, frame) else None
                except gdb.error:
                    is_now = None
                found.append({"name": symbol.name, "type": str(symbol.type), "is": is_now})
        if block.function is not None:
            return found
        block = block.superblock
    return found


def frames():
    found = []
    frame = gdb.newest_frame()
    while frame is not None and len(found) < 40:
        try:
            own = variables(frame)
        except RuntimeError:
            own = []
        found.append({"pc": str(frame.pc()), "name": frame.name(), "variables": own})
        frame = frame.older()
    return found


print(json.dumps(frames()))
