# fileinput, csv and json from stdin.
import fileinput, csv, sys
rows = list(csv.reader(fileinput.input()))
print(rows, fileinput.filename(), fileinput.lineno())
