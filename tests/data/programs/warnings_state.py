# Filters of warnings as they stand.
# tiers
import warnings
for one in warnings.filters:
    print(one)
print(warnings.defaultaction, warnings.onceregistry, warnings.showwarning.__module__, warnings.formatwarning.__module__)
print("__warningregistry__" in globals())
