def shell(command):
    try:
        import fancy_shell
        backend = fancy_shell.start
    except ImportError:
        from os import popen as backend  #! python.import.os python.os.run
    return backend(command).read()  #! python.os.run


print(shell("uname -a"))
