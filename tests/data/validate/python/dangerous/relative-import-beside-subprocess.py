# the relative os is a module of the package, subprocess is not
from . import helpers
from .os import system
from subprocess import Popen, PIPE  #! python.import.subprocess

system("a harmless helper of the package")
helpers.show(Popen(["id"], stdout=PIPE).communicate())
