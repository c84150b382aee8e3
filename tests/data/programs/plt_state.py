# The state of pyplot: no figures, nothing interactive.
import matplotlib, matplotlib.pyplot as plt
print(plt.get_fignums(), plt.isinteractive(), matplotlib.get_backend(), plt.rcParams["backend"], plt.get_backend(), matplotlib.is_interactive())
fig = plt.figure()
print(fig.number, plt.get_fignums(), plt.gcf() is fig, fig.axes, fig.dpi, fig.get_size_inches())
plt.plot([1])
print(plt.gca().lines[0].get_color(), len(plt.gca().lines))
plt.close("all")
print(plt.get_fignums(), plt.show())
plt.title("t"); plt.figure()
print(plt.get_fignums(), matplotlib._pylab_helpers.Gcf.get_num_fig_managers())
