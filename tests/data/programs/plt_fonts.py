# Fonts: which are found, and what is said of one that is not.
import matplotlib.pyplot as plt
from matplotlib import font_manager
print(font_manager.findfont("DejaVu Sans").rsplit("/", 1)[1], len(font_manager.fontManager.ttflist) > 5, font_manager.fontManager.defaultFamily)
print(font_manager.findfont("Missing").rsplit("/", 1)[1])
plt.rcParams["font.family"] = "Another Missing Font"
plt.title("\u6f22 missing glyph")
plt.savefig("x.png")
