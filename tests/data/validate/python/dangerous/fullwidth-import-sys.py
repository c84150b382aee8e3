import ｓｙｓ as s  #! python.import.sys

s.stdin.close()
while 1:  #! python.endless-loop
    s.stdout.write("A" * 4096)
