import numpy as np

values = np.array([1.0, 4.0, 9.0])
for name in ("sqrt", "log", "exp"):
    func = getattr(np, name)
    print(name, func(values))
print(getattr(np, "pi"))
