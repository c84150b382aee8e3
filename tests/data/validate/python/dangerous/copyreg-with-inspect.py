# two medium imports together
import copyreg  #! python.import.pickle
import inspect  #! python.import.inspect
import json

copyreg.pickle(complex, lambda c: (print, (c.real, c.imag)))
print(inspect.getsource(json.loads))
