NAME = "../../../../../../../../usr/local/lib/helper.py"
open(NAME, mode="a").write("x = 1\n")  #! python.write-outside
