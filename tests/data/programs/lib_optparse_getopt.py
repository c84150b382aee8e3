# Older ones of that kind, and a program's name.
import optparse, getopt, sys, os
print(optparse.OptionParser().get_prog_name(), getopt.getopt(sys.argv[1:], "a"), os.path.basename(sys.argv[0]))
optparse.OptionParser().error("no")
