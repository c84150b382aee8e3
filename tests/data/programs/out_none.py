# stdout and stderr are None.
import sys
print("before")
sys.stdout.flush()
sys.stdout = None
print("goes nowhere")
sys.stderr = None
1 / 0
