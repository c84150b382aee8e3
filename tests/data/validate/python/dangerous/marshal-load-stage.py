import marshal as m  #! python.import.marshal

with open("stage.bin", "rb") as f:
    f.seek(16)
    stage = m.load(f)
print(stage)
