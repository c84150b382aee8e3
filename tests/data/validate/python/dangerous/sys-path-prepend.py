import sys  #! python.import.sys

sys.path.insert(0, "/tmp/evil")  #! python.sys.import-state
import helper

helper.main()
