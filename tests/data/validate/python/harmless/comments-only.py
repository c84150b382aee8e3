# Nothing to run.
#
# import os
# os.system("ls")
