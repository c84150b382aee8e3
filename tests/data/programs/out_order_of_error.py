# A traceback comes before what is still buffered.
# request: {"merge_stderr": true}
print("buffered")
1 / 0
