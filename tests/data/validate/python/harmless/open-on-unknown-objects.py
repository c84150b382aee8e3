import io
import zipfile

buffer = io.BytesIO()
with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zf:
    zf.writestr("a.txt", "alpha\nbeta\n")
    zf.writestr("docs/b.txt", "gamma")

with zipfile.ZipFile(buffer) as zf:
    for info in zf.infolist():
        print(info.filename, info.file_size)
    with zf.open("a.txt") as f:
        print(f.read().decode().split())


def show(fs, name):
    with fs.open(name, "r") as f:
        return f.read()


class MemoryFS:
    def __init__(self, files):
        self.files = files

    def open(self, name, mode="r"):
        return io.StringIO(self.files[name])


print(show(MemoryFS({"/etc/motd": "welcome"}), "/etc/motd"))
