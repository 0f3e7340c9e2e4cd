"""Workbooks of the kind before .xlsx, which no library at hand writes: BIFF 8 in a compound file."""

import struct

SECTOR = 512
FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def old_workbook(cells):
    """Return a workbook with a number or a text at each of some places, a row and a column counted from 0."""

    def record(kind, data=b""):
        return struct.pack("<HH", kind, len(data)) + data

    def begin(kind):
        return record(0x809, struct.pack("<HHHHII", 0x600, kind, 0x0DBB, 0x07CC, 0, 6))

    def cell(row, column, value):
        place = struct.pack("<HHH", row, column, 0)
        if isinstance(value, str):
            return record(0x204, place + struct.pack("<HB", len(value), 1) + value.encode("utf-16le"))
        return record(0x203, place + struct.pack("<d", value))

    sheet = begin(0x10) + b"".join(cell(*place, value) for place, value in cells.items()) + record(0x0A)

    def globals_at(offset):
        return begin(5) + record(0x85, struct.pack("<IBB", offset, 0, 0) + b"\x01\x00S") + record(0x0A)

    stream = globals_at(len(globals_at(0))) + sheet
    # A shorter one would lie elsewhere.
    sectors = max(-(-len(stream) // SECTOR), 8)
    stream = stream.ljust(sectors * SECTOR, b"\0")
    chain = [TABLE, END, *range(3, 2 + sectors), END]
    table = struct.pack("<128I", *chain, *[FREE] * (128 - len(chain)))

    def entry(name, kind, start, size, child=FREE):
        text = name.encode("utf-16le") + b"\0\0"
        return text.ljust(64, b"\0") + struct.pack("<HBBIII36xIQ", len(text), kind, 1, FREE, FREE, child, start, size)

    folder = (entry("Root Entry", 5, END, 0, 1) + entry("Workbook", 2, 2, len(stream))).ljust(SECTOR, b"\0")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, END, 0, END, 0, 0) + struct.pack("<I", FREE) * 108
    return head.ljust(SECTOR, b"\0") + table + folder + stream
