import os  #! python.import.os

run = getattr(os, "sys" + "tem")  #! python.os.run
run("id > result.txt")  #! python.os.run
