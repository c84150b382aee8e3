o = open
for line in o("/etc/sh" "adow"):  #! python.read-sensitive
    print(line)
