# a backend that the program names before it imports Matplotlib
import os

os.environ["MPLBACKEND"] = "pdf"
import matplotlib

print(matplotlib.get_backend())
