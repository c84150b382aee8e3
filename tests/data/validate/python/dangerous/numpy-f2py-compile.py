import numpy.f2py as fortran  #! python.import.build

fortran.compile("      subroutine x\n      end\n", modulename="x")
