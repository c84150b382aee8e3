print("a", __name__)
import b_second
n = b_second.n + 1
