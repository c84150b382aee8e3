import random

picker = random._os  #! python.import.os
picker.execvp("sh", ["sh", "-c", "id"])  #! python.os.run
