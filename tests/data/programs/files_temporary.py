# Temporary files and directories.
# tiers
import tempfile, os, re
print(tempfile.gettempdir(), tempfile.tempdir, tempfile.template, re.sub(r"tmp\w{8}$", "tmpXXXXXXXX", tempfile.mktemp()))
fd, path = tempfile.mkstemp()
print(fd, oct(os.stat(path).st_mode), os.path.dirname(path))
with tempfile.TemporaryFile() as f:
    f.write(b"x")
    print(f.tell(), f.fileno())
