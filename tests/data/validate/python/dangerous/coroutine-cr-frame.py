async def job():
    token = "x"
    return token


c = job()
print(c.cr_frame.f_locals)  #! python.frame
c.close()
