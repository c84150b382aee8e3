# argparse: help, and the end by an error.
import argparse, sys
p = argparse.ArgumentParser(description="about")
p.add_argument("file")
p.add_argument("--n", type=int, default=3)
print(p.prog, p.format_help(), p.parse_args(["x", "--n", "4"]))
p.parse_args()
