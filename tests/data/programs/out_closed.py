# stdout is closed: what comes later fails.
import sys
print("before")
sys.stdout.close()
try:
    print("after")
except ValueError as error:
    print(error, file=sys.stderr)
raise SystemExit(3)
