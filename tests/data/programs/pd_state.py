# Options of Pandas.
import pandas as pd
pd.describe_option("display.max_rows")
for name in ("display.max_rows", "display.max_columns", "display.width", "display.precision", "mode.chained_assignment", "compute.use_bottleneck", "compute.use_numexpr", "plotting.backend", "io.excel.xlsx.writer", "display.encoding"):
    print(name, pd.get_option(name))
print(pd.DataFrame({"a": range(100)}), pd.Series(range(3), name="s"))
print(pd.options.display.notebook_repr_html, len(pd._config.config._registered_options), sorted(pd._config.config._global_config))
