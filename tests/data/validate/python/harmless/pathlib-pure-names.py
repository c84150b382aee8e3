from pathlib import PurePosixPath, PureWindowsPath  #! python.import.pathlib

p = PurePosixPath("/srv/data") / "reports" / "2024.tar.gz"
print(p.name, p.stem, p.suffixes, p.parent, p.with_suffix(".zip"))
print(p.relative_to("/srv"), p.parts, p.match("*.gz"))
print(PureWindowsPath(r"C:\Users\Ann\notes.txt").as_posix())
