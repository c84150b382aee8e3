os = {"system": "linux", "version": 6}
sys = ["path", "modules"]
subprocess = "a part of a process"
print(os["system"], sys[0], subprocess.split())


def describe(os, socket):
    return f"{os.system} on {socket.connect}"


class Part:
    system = "ABS"
    connect = "AM5"


print(describe(Part, Part))
socket = Part()
print(socket.connect)
