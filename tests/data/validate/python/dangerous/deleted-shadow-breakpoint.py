breakpoint = print
del breakpoint
breakpoint()  #! python.breakpoint
