# U+017F (long s) is an ordinary s after NFKC
import oſ  #! python.import.os

for entry in oſ.listdir("."):
    print(entry)
oſ.makedirs("drop", exist_ok=True)  #! python.os.write
os.chmod("drop", 0o777)  #! python.os.write
