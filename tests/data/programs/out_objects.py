# The streams' own facts.
# tiers
import sys, io
for name in ("stdin", "stdout", "stderr"):
    s = getattr(sys, name)
    print(name, s.name, s.mode, s.encoding, s.errors, s.newlines, s.line_buffering, s.write_through if name != "stdin" else None, s.fileno(), s.isatty(), s.closed, s is getattr(sys, "__%s__" % name))
    b = s.buffer
    print(type(b).__name__, b.name, b.mode, b.closed, type(b.raw).__name__, b.raw.name, b.raw.mode, b.raw.closefd, b.seekable(), b.readable(), b.writable(), repr(s))
    print(getattr(b.raw, "_blksize", None), s._CHUNK_SIZE)
print(io.DEFAULT_BUFFER_SIZE, io.text_encoding(None))
