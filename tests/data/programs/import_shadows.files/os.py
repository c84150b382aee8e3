raise ImportError("never")
