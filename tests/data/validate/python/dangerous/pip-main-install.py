try:
    import lovely_package
except ImportError:
    import pip  #! python.import.build
    pip.main(["install", "lovely_package"])
    import lovely_package
