# A plot into memory: its header and size.
import io, struct, zlib
import matplotlib.pyplot as plt
fig, ax = plt.subplots()
ax.plot([1, 4, 9], label="squares")
ax.set_title("title")
ax.legend()
out = io.BytesIO()
plt.savefig(out, format="png")
data = out.getvalue()
print(data[:8], struct.unpack(">II", data[16:24]), zlib.crc32(data), len(data))
