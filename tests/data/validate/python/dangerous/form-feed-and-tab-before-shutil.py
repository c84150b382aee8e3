if True:
	pass
import shutil as sh  #! python.import.shutil
def clean():
	sh.rmtree("data")
clean()
