match input():
    case "go":
        from runpy import run_module as go  #! python.import.runpy

        go("this", run_name="__main__")
    case _:
        print("nothing to do")
