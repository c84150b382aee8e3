class Runner:
    exec = None

    def run(self, text):
        exec(text)  #! python.exec


Runner().run("print(1)")
