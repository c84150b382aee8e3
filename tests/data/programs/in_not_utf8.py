# stdin that is no UTF-8.
import sys
try:
    print(ascii(sys.stdin.read()))
except UnicodeDecodeError as error:
    print(error)
sys.stdin.readline()
