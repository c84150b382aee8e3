"""Of Sandgate: has plots saved (sandgate_plots.py) once Matplotlib's Agg backend is imported, and keeps a remark of Matplotlib's out of
stderr: it makes its font cache whenever a box starts cold, and says so when that takes five seconds. Does nothing before.
"""
import sys


class _Matplotlib:
    """Finds two of its modules as the others would, and has their loader do what is to be done."""

    at_work = False

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name not in _MODULES or cls.at_work:
            return None
        cls.at_work = True
        try:
            from importlib.util import find_spec
            spec = find_spec(name)
        finally:
            cls.at_work = False
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, *_MODULES[name])
        return spec


class _Loader:
    def __init__(self, loader, before, after):
        self.loader, self.before, self.after = loader, before, after

    def __getattr__(self, name):
        return getattr(self.loader, name)

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self.loader
        self.before(module)
        self.loader.exec_module(module)
        self.after(module)


def _nothing(module):
    pass


def _save_plots(module):
    try:
        import sandgate_plots
        del sys.modules["sandgate_plots"]  # whether Agg has been imported already is nobody's business
        sandgate_plots.begin(module)
    except Exception:  # another Matplotlib than those that this is for: it draws as ever
        pass


def _is_no_remark(record):
    return not str(record.msg).startswith("Matplotlib is building the font cache")


def _hush(module):
    try:
        import logging
        logging.getLogger(module.__name__).addFilter(_is_no_remark)
    except Exception:  # the program has put something else there
        pass


_MODULES = {  # what is done before it is executed, and after
    "matplotlib.backends.backend_agg": (_nothing, _save_plots),
    "matplotlib.font_manager": (_hush, _nothing),
}


def _next(here):
    """The one that the image has itself, which this one stands in front of."""
    from importlib.util import module_from_spec
    finder = sys.modules["_frozen_importlib_external"].PathFinder
    spec = finder.find_spec("sitecustomize", [place for place in sys.path if place != here])
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(module_from_spec(spec))


sys.meta_path.insert(0, _Matplotlib)
_next(__file__.rpartition("/")[0])
