"""Of Sandgate: has plots saved (sandgate_plots.py) once Matplotlib's Agg backend is imported, and does nothing before."""
import sys


class _Agg:
    """Finds that one module as the others would, and has its loader tell."""

    at_work = False

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name != "matplotlib.backends.backend_agg" or cls.at_work:
            return None
        cls.at_work = True
        try:
            from importlib.util import find_spec
            spec = find_spec(name)
        finally:
            cls.at_work = False
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader:
    def __init__(self, loader):
        self.loader = loader

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self.loader
        self.loader.exec_module(module)
        try:
            import sandgate_plots
            del sys.modules["sandgate_plots"]  # whether Agg has been imported already is nobody's business
            sandgate_plots.begin(module)
        except Exception:  # another Matplotlib than those that this is for: it draws as ever
            pass


def _next(here):
    """The one that the image has itself, which this one stands in front of."""
    from importlib.util import module_from_spec
    finder = sys.modules["_frozen_importlib_external"].PathFinder
    spec = finder.find_spec("sitecustomize", [place for place in sys.path if place != here])
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(module_from_spec(spec))


sys.meta_path.insert(0, _Agg)
_next(__file__.rpartition("/")[0])
