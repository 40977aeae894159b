# Runs in gdb: what it knows of a stack: frames, the variables in them, their types and values.
import gdb
import struct

NUMBERS = {gdb.TYPE_CODE_INT, gdb.TYPE_CODE_PTR, gdb.TYPE_CODE_ENUM, gdb.TYPE_CODE_CHAR, gdb.TYPE_CODE_BOOL}
MEMBERS = {gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION}
FLOATS = {4: ("f", "I"), 8: ("d", "Q")}
MAX_LEAVES = 64

for setting in ("width 0", "max-value-size unlimited", "backtrace past-main on", "backtrace past-entry on"):
    gdb.execute("set " + setting)


def leaves(value, kind):
    """The numbers that a value is made of; None: not known."""
    kind = kind.strip_typedefs()
    if kind.code in MEMBERS:
        return [leaf for field in kind.fields() for leaf in leaves(value[field], field.type)][:MAX_LEAVES]
    if kind.code == gdb.TYPE_CODE_ARRAY:
        first, last = kind.range()
        wanted = range(first, min(last, first + MAX_LEAVES) + 1)
        return [leaf for index in wanted for leaf in leaves(value[index], kind.target())][:MAX_LEAVES]
    try:
        # Only what it points to is somewhere; its number, which gdb takes for 0, is nowhere.
        if kind.code == gdb.TYPE_CODE_PTR and "synthetic pointer" in value.format_string():
            return [None]
        if kind.code in NUMBERS:
            return [str(int(value))]
        if kind.code == gdb.TYPE_CODE_FLT and kind.sizeof in FLOATS:
            write, read = FLOATS[kind.sizeof]
            return [str(struct.unpack("<" + read, struct.pack("<" + write, float(value)))[0])]
    except (gdb.error, OverflowError):
        pass
    return [None]



def told(symbol, frame):
    """An address, where it lies in memory; else its numbers; None: it is not known."""
    try:
        value = symbol.value(frame)
        if value.is_optimized_out:
            return None
        kind = value.type
        if value.address is not None:
            return {"address": str(int(value.address)), "bytes": kind.sizeof}
        return {"leaves": leaves(value, kind), "bytes": kind.sizeof}
    except gdb.error:
        return None


def shape(kind, at=0, depth=0):
    """A line for each part of a type: names, offsets, sizes."""
    kind = kind.strip_typedefs()
    head = "%d %d" % (depth, at)
    if kind.code == gdb.TYPE_CODE_ARRAY:
        element = kind.target()
        size = element.strip_typedefs().sizeof
        yield "%s array %d %d" % (head, kind.sizeof // size if size else 0, size)
        yield from shape(element, at, depth + 1)
    elif kind.code in MEMBERS:
        yield "%s %s %s %d" % (head, "union" if kind.code == gdb.TYPE_CODE_UNION else "structure", kind.tag or "", kind.sizeof)
        for field in kind.fields():
            yield "%s member %s %d" % (head, field.name or "", field.bitsize)
            yield from shape(field.type, at + field.bitpos, depth + 1)
    elif kind.code == gdb.TYPE_CODE_ENUM:
        yield "%s enumeration %s %d" % (head, kind.tag or "", kind.sizeof)
        for field in kind.fields():
            yield "%s %s" % (field.name, field.enumval)
    elif kind.code == gdb.TYPE_CODE_PTR:
        yield "%s pointer %d" % (head, kind.sizeof)
        target = kind.target().strip_typedefs()
        yield "%s to %s" % (head, target.tag or "" if target.code in MEMBERS | {gdb.TYPE_CODE_ENUM} else kind_of(target))
    else:
        yield "%s %s" % (head, kind_of(kind))


def kind_of(kind):
    if kind.code == gdb.TYPE_CODE_VOID:
        return "void"
    if kind.code == gdb.TYPE_CODE_FUNC:
        return "function %d" % len(kind.fields())
    if kind.code in (gdb.TYPE_CODE_PTR, gdb.TYPE_CODE_ARRAY):
        return "pointer" if kind.code == gdb.TYPE_CODE_PTR else "array"
    other = {gdb.TYPE_CODE_BOOL: "boolean", gdb.TYPE_CODE_FLT: "float"}
    return "%s %d" % (other.get(kind.code) or ("signed" if kind.is_signed else "unsigned"), kind.sizeof)


def variables(frame):
    found = []
    try:
        block = frame.block()
    except RuntimeError:
        return found
    while block is not None:
        for symbol in block:
            if (symbol.is_variable or symbol.is_argument) and symbol.type is not None:
                one = {"name": symbol.name, "isParameter": symbol.is_argument, "is": told(symbol, frame)}
                found.append({**one, "type": number_of(symbol.type)})
        if block.function is not None:
            return found
        block = block.superblock
    return found


shapes = {}


def number_of(kind):
    """Of the types that were told, so that each is told once."""
    return shapes.setdefault("\n".join(shape(kind)), len(shapes))


def frames(most=40):
    """The innermost first: so many that have a place on the stack, and all that are inlined in them."""
    found, inlined = [], []
    frame = gdb.newest_frame()
    while frame is not None and most > 0:
        is_inline = frame.type() == gdb.INLINE_FRAME
        inlined.append({"pc": str(frame.pc()), "name": frame.name(), "isInline": is_inline, "variables": variables(frame)})
        if not is_inline:
            caller = frame.older()
            while caller is not None and caller.type() == gdb.INLINE_FRAME:
                caller = caller.older()
            if caller is not None and caller.type() == gdb.TAILCALL_FRAME:
                inlined[:] = [{**one, "isJumpedTo": True} for one in inlined]
            # What jumped to another function at its end has left the stack; gdb guesses that it was there.
            if frame.type() != gdb.TAILCALL_FRAME:
                found += inlined
                most -= 1
            inlined = []
        frame = frame.older()
    return found
