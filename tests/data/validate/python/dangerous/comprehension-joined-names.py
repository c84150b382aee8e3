f = lambda: 0
getattr(f, "".join(c for c in "__globals__"))  #! python.globals-member
getattr(f, "".join(chr(x) for x in [95, 95, 103, 108, 111, 98, 97, 108, 115, 95, 95]))  #! python.globals-member
getattr(f, "".join([chr(x - 1) for x in [96, 96, 104, 109, 112, 99, 98, 109, 116, 96, 96]]))  #! python.globals-member
getattr(f, "".join(map(chr, [95, 95, 99, 111, 100, 101, 95, 95])))  #! python.code-object
getattr(f, str.join("", ["__co", "de__"]))  #! python.code-object
import threading  #! python.import.threading
threading._os.system("id")  #! python.import.os python.os.run
import json
json.decoder.scanner.re.enum.sys.exit()  #! python.import.sys
