# breakpoint() with nobody who types.
# tiers
x = 1
breakpoint()
print("never")
