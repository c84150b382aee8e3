# An import from the future of what is not there.
from __future__ import nothing_like_it
