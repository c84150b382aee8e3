size = 3
report = f"""
size: {size}
state: {breakpoint()}
"""
print(report)
#! @4 python.breakpoint
