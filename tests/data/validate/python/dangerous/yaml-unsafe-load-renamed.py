from yaml import unsafe_load as safe_load  #! python.yaml-load

print(safe_load("!!python/object/apply:os.getcwd []"))  #! python.yaml-load
