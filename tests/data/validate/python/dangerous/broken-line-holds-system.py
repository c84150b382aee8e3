value = = os.system("id") ] )  #! python.unparsed-danger python.syntax-error
