# The time limit.
# request: {"limits": {"wall_time_ms": 4000}}
import sys, time
print("kept", flush=True)
print("lost")
sys.stderr.write("err\n")
time.sleep(10)
