"""Of Sandgate: figures become files of the working directory, plot-1.png and so on, without the program saving them.

plt.show() saves the figures that are open and closes them, as it does when somebody closes their windows; what is open when the program
ends is saved then. A figure that the program has saved itself (savefig, in any format, to anything) is not saved again, unless it has been
cleared and drawn anew; one without anything in it neither. Imported when Matplotlib's Agg backend is (sitecustomize.py), so a program without plots never meets it.
"""
import atexit
import io
import sys
import weakref

import matplotlib
from matplotlib._pylab_helpers import Gcf
from matplotlib.figure import Figure

_PLACE = "/work"
_PIXELS, _SIDE = 12e6, 30000  # of one picture: its memory while it is drawn, and what Agg can do
_BYTES = 2 << 20  # of one file: several of them have to fit into an answer
_saved = weakref.WeakSet()
_number = 0
_print_figure = None
_clear = None


def begin(agg):
    """agg: matplotlib.backends.backend_agg, just imported. Behind Matplotlib's own atexit function, so run before it."""
    global _print_figure, _clear
    _print_figure = agg.FigureCanvasAgg.print_figure
    agg.FigureCanvasAgg.print_figure = print_figure
    _clear = Figure.clear
    Figure.clear = clear
    agg.show = show
    atexit.register(_save_all)


def print_figure(self, *args, **kwargs):
    result = _print_figure(self, *args, **kwargs)
    _saved.add(self.figure)
    return result


print_figure.__doc__ = matplotlib.backend_bases.FigureCanvasBase.print_figure.__doc__


def clear(self, *args, **kwargs):
    _saved.discard(self)
    return _clear(self, *args, **kwargs)


clear.__doc__ = Figure.clear.__doc__


def show(*, block=None):
    """Saves the figures that are open, and closes them. With block=False, or in interactive mode, they stay open until the end."""
    if not matplotlib.is_interactive() if block is None else block:
        _save_all()
        Gcf.destroy_all()


def _save_all():
    for manager in sorted(Gcf.get_all_fig_managers(), key=lambda manager: manager.num):
        figure = manager.canvas.figure
        if figure in _saved or figure.get_children() == [figure.patch]:
            continue
        try:
            _write(_picture(figure))
        except Exception:  # of one figure: the others are saved all the same
            sys.excepthook(*sys.exc_info())
        _saved.add(figure)


def _picture(figure):
    width, height = figure.get_size_inches()
    dpi = matplotlib.rcParams["savefig.dpi"]
    dpi = figure.dpi if dpi == "figure" else dpi
    dpi = min(dpi, _SIDE / max(width, height), (_PIXELS / (width * height)) ** 0.5)
    while True:
        data = io.BytesIO()
        _print_figure(figure.canvas, data, format="png", dpi=dpi)
        if data.tell() <= _BYTES:
            return data.getbuffer()
        dpi *= min(0.9, (_BYTES / data.tell()) ** 0.5)


def _write(data):
    global _number
    while True:
        _number += 1
        try:
            with io.open("%s/plot-%d.png" % (_PLACE, _number), "xb") as file:
                file.write(data)
            return
        except FileExistsError:
            pass
