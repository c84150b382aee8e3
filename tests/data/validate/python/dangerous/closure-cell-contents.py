def vault(secret):
    def check(guess):
        return guess == secret

    return check


print(vault("hunter2").__closure__[0].cell_contents)  #! python.code-object
