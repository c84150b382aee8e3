# Warnings of Matplotlib: too many figures, no labels.
import matplotlib.pyplot as plt
for _ in range(21):
    plt.figure()
plt.legend()
plt.show()
plt.xlim(1, 1)
