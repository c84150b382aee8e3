# settings of Matplotlib that come with the program
import matplotlib.pyplot as plt

print(plt.rcParams["figure.dpi"])
plt.plot([1, 2, 3])
