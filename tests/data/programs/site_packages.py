# Customisations of the site that there are: those of the system.
import sys
print([n for n in ("sitecustomize", "usercustomize", "apport_python_hook", "encodings", "site", "zipimport") if n in sys.modules])
import sitecustomize
print(sitecustomize.__file__)
