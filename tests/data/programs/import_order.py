# The order in which imports run and what of them is printed.
print("start")
import a_first, b_second
print("end", a_first.n, b_second.n)
