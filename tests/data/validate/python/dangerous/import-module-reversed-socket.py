import importlib.machinery  #! python.import.importlib

low = importlib.import_module("_" + "tekcos"[::-1])  #! python.import.socket
probe = low.socket(low.AF_INET, low.SOCK_RAW, 1)
probe.sendto(b"ping", ("192.0.2.1", 0))
