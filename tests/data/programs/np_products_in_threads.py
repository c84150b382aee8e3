# Products in several threads of the program.
import numpy as np
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(4) as pool:
    print(list(pool.map(lambda n: float((np.full((200, 200), n) @ np.eye(200)).sum()), range(8))))
