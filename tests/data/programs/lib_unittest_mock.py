# Mocks of builtins and of modules.
from unittest import mock
import os
with mock.patch("builtins.print") as p, mock.patch("os.getcwd", return_value="/nowhere"):
    print(os.getcwd())
print(p.call_args, os.getcwd())
with mock.patch("__main__.os") as o:
    os.x()
    print(o.mock_calls)
