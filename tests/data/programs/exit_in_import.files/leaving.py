print("leaving", __name__)
raise SystemExit(12)
