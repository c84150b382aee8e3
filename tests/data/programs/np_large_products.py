# Products that BLAS would do with several threads.
import numpy as np, os
a = np.ones((600, 600))
for _ in range(3):
    a = a @ a / 600
print(a.sum(), len(os.listdir("/proc/self/task")))
