from code import InteractiveConsole as Shell  #! python.import.debugger

Shell().push("print(1)")
