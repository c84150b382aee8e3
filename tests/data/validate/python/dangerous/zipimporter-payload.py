if __name__ == "__main__":
    from zipimport import zipimporter as z  #! python.import.importlib

    z("bundle.dat").load_module("payload").start()
