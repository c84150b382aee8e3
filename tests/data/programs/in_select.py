# stdin in select, poll and epoll.
import select, os, sys
print(select.select([0], [], [], 1)[0])
p = select.poll()
p.register(0, select.POLLIN)
print(p.poll(1000))
try:
    select.epoll().register(0)
    print("registered")
except OSError as error:
    print(error)
print(os.fstat(0).st_size, oct(os.fstat(0).st_mode), os.get_blocking(0), os.get_inheritable(0), os.get_inheritable(1))
