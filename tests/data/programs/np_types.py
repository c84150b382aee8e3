# Types, dates, strings, records, views.
import numpy as np
print(np.dtype([("a", "i4"), ("b", "U3")]), np.datetime64("2024-02-29") + 1, np.array(["a", "bb"]).dtype, np.sctypeDict["int"])
r = np.array([(1, "x")], dtype=[("a", "i4"), ("b", "U3")])
print(r["b"], r, np.lib.stride_tricks.sliding_window_view(np.arange(5), 3), np.info.__module__)
print(np.vectorize(lambda x: x * 2)(np.arange(3)), np.einsum("ij,jk", np.eye(2), np.ones((2, 2))), np.ma.array([1, 2], mask=[0, 1]))
