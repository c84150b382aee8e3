# More than is kept on both streams, in characters of three bytes.
# request: {"limits": {"output_bytes": 1024}}
import sys
sys.stdout.write("\u20ac" * 5000)
sys.stderr.write("\u00e4" * 5000)
raise ValueError("\u20ac" * 10)
