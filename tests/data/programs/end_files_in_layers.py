# files on files, which nobody closes, are written from the top down
# request: {"output_files": ["*.txt"]}
import gzip
import io
import os
import zipfile

os.layers = io.TextIOWrapper(io.BufferedWriter(io.FileIO("layers.txt", "w")))
os.layers.write("through three of them\n")
os.packed = gzip.GzipFile("packed.txt", "wb", mtime=0)
os.packed.write(b"packed " * 100)
os.twice = open(os.dup(1), "w")
print("to a second stdout", file=os.twice)
os.archive = zipfile.ZipFile("archive.txt", "w")
os.archive.writestr(zipfile.ZipInfo("a"), "in an archive")
