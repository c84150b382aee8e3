# Zone and clocks.
# tiers
import time, datetime
print(time.tzname, time.timezone, time.daylight, time.altzone, time.localtime(0).tm_hour, time.strftime("%A %d %B %Z", time.gmtime(0)))
print(datetime.datetime.fromtimestamp(0), datetime.datetime.now().astimezone().tzinfo, time.ctime(0))
print(time.process_time() < 20, time.thread_time() < 20, 1.7e9 < time.time() < 5e9, time.get_clock_info("monotonic").adjustable)
print(time.clock_gettime(time.CLOCK_BOOTTIME) > 0, abs(time.clock_gettime(time.CLOCK_REALTIME) - time.time()) < 1)
