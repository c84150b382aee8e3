def disk_usage(path):
    import subprocess as sp  #! python.import.subprocess
    out = sp.check_output(["du", "-s", path])
    return int(out.split()[0])


print(disk_usage("."))
