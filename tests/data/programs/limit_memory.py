# The limit of memory.
# request: {"limits": {"memory_bytes": 67108864}}
print("kept", flush=True)
held = [b"x" * (1 << 20) for _ in range(200)]
print("never")
