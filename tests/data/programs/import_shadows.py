# Files of the request that are named like modules of the library come first.
# It holds for those that the interpreter has not loaded at its start.
import colorsys, os
print(colorsys.__file__, colorsys.mine, os.__file__)
