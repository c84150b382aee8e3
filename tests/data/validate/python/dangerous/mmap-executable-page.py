import mmap as mm  #! python.import.mmap

page = mm.mmap(-1, 4096, prot=mm.PROT_READ | mm.PROT_WRITE | mm.PROT_EXEC)
page.write(b"\x90" * 16 + b"\xc3")
