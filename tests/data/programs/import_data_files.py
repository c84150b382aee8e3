# files of data, and directories of them, are no modules, whatever their names
import enum
import fractions
import logging
import numbers
import re

import datetime
import numpy as np
import pandas as pd
import pytz

print(isinstance(np.int64(1), numbers.Integral), fractions.Fraction(np.int64(3)))
print(isinstance(re.I, enum.Flag))
print(pd.Timestamp("2020-01-01", tz="UTC").tz is pytz.UTC, isinstance(pd.Timestamp(0), datetime.datetime))
print(logging.getLogger("x").parent is logging.root, open("numbers.csv").read())
