# Other backends.
import matplotlib
matplotlib.use("svg")
import matplotlib.pyplot as plt
print(matplotlib.get_backend(), plt.get_backend(), plt.figure().canvas.__class__.__name__)
matplotlib.use("pdf")
print(plt.get_backend())
matplotlib.use("TkAgg")
