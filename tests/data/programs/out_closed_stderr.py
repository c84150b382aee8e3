# stderr is closed, and an error nobody sees.
import os
print("out", flush=True)
os.close(2)
1 / 0
