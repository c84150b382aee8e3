# a tracer and a profiler see nothing of how a status is made
import sys


class Status:
    def __str__(self):
        frame, below = sys._getframe().f_back, []
        while frame:
            below.append(frame.f_code.co_name)
            frame = frame.f_back
        return "status below %s" % below


def watch(frame, event, argument):
    print(event, frame.f_code.co_name)


def main():
    return Status()


sys.setprofile(watch)
sys.settrace(watch)
sys.exit(main())
