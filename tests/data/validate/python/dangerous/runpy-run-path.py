import runpy  #! python.import.runpy

runpy.run_path(input("script: "), run_name="__main__")
