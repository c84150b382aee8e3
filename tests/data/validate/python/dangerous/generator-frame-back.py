def walk():
    yield me.gi_frame.f_back  #! python.frame


me = walk()
for outer in me:
    print(outer)
