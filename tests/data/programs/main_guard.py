# The usual end of a script.
def main():
    print("main ran as", __name__)
    return 3
if __name__ == "__main__":
    raise SystemExit(main())
