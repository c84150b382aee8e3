import marshal  #! python.import.marshal

exec(marshal.loads(open("c.bin", "rb").read()[16:]))  #! python.exec python.decoded-code
