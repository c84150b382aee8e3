# SVG, PDF; without what differs from run to run.
import io, re
import matplotlib
matplotlib.rcParams["svg.hashsalt"] = "x"
import matplotlib.pyplot as plt
plt.bar(["a", "b"], [1, 2])
for kind in ("svg", "pdf", "jpg"):
    out = io.BytesIO()
    try:
        plt.savefig(out, format=kind, metadata={"Date": None} if kind == "svg" else None)
        data = out.getvalue()
        print(kind, data[:4], len(data) > 1000, len(re.sub(rb"<dc:date>.*?</dc:date>", b"", data)) if kind == "svg" else "")
    except Exception as error:
        print(kind, type(error).__name__, error)
