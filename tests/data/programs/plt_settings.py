# rcParams are the defaults.
import matplotlib, matplotlib.pyplot as plt
print({k: (v, matplotlib.rcParamsDefault[k]) for k, v in matplotlib.rcParams.items() if k != "backend" and v != matplotlib.rcParamsDefault[k]})
print(len(matplotlib.rcParams), matplotlib.matplotlib_fname(), plt.style.available[:3], matplotlib.rcParams["font.family"], matplotlib.rcParams["figure.figsize"])
print(matplotlib.get_configdir(), matplotlib.get_cachedir(), matplotlib.__version__, matplotlib.units.registry and sorted(k.__name__ for k in matplotlib.units.registry))
