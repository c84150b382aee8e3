# A module of the request that warns.
import sayings
sayings.old()
sayings.user()
sayings.user()
import warnings
warnings.simplefilter("always", DeprecationWarning)
sayings.old()
