# files that are open when sys.exit() ends the program are written
# request: {"output_files": ["*.txt", "*.csv"]}
import csv
import sys

out = open("module.txt", "w")
out.write("of the module\n")
rows = csv.writer(open("rows.csv", "w", newline=""))
rows.writerow(["a", 1])


class Last:
    def __del__(self):
        print("deleted", self.what)


one = Last()
one.what = "of the module"


def main():
    local = open("local.txt", "w")
    local.write("of a function\n")
    other = Last()
    other.what = "of a function"
    sys.exit(3)


sys.exit(main())
