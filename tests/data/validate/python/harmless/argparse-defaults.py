import argparse


def build_parser():
    parser = argparse.ArgumentParser(description="Count things (does not exec anything).")
    parser.add_argument("--exec", dest="exec", action="store_true", help="pretend to exec")
    parser.add_argument("--os", choices=["linux", "windows", "mac"], default="linux")
    parser.add_argument("--eval", type=float, default=0.5)
    parser.add_argument("-n", "--number", type=int, default=3)
    sub = parser.add_subparsers(dest="command")
    sub.add_parser("compile").add_argument("files", nargs="*")
    return parser


args = build_parser().parse_args([])
print(args.exec, args.os, args.eval, args.number, args.command)
args = build_parser().parse_args(["--os", "mac", "compile", "a.c", "b.c"])
print(args.os, args.command, args.files)
