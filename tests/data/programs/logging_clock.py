# logging counts from the start of the program, not of somebody else's.
# tiers
import logging, time
start = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + int(open("/proc/self/stat").read().rsplit(")", 1)[1].split()[19]) / 100
record = logging.LogRecord("n", 1, "p", 1, "m", (), None)
print(record.process == __import__("os").getpid(), record.processName, record.threadName)
print(logging._startTime >= start - 0.05, record.relativeCreated < 30000)
