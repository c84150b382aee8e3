import struct
from array import array

HEADER = struct.Struct("<4sHHI")
packed = HEADER.pack(b"DEMO", 1, 2, 1024)
magic, major, minor, size = HEADER.unpack(packed)
print(magic, f"{major}.{minor}", size, HEADER.size)
print(struct.unpack(">d", struct.pack(">d", 1.5)), struct.calcsize("hhl"))
values = array("h", [1, -2, 300])
values.byteswap()
print(values.tobytes().hex(" "), int.from_bytes(b"\x01\x00", "little"))
