# What a program can see of how its figures become files.
import sys
import matplotlib.pyplot as plt
print([type(one).__name__ if not isinstance(one, type) else one.__name__ for one in sys.meta_path], sys.path)
print(plt.get_backend(), plt.show.__module__, "sandgate_plots" in sys.modules)
plt.plot([1])
agg = sys.modules["matplotlib.backends.backend_agg"]
print(agg.__loader__ is agg.__spec__.loader, type(agg.__loader__).__name__, agg.__spec__.origin.rpartition("/")[2])
print(agg.show.__module__, agg.FigureCanvasAgg.print_figure.__module__, len(agg.FigureCanvasAgg.print_figure.__doc__) > 100)
print(sys.modules["sitecustomize"].__file__, plt.get_fignums())
plt.close("all")
