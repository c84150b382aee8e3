import os  #! python.import.os

vars(os)["set" "uid"](0)  #! python.os.process python.locals
