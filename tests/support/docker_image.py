"""Images like those of packaging/docker, made without a network: what Debian has installed here of Python, NumPy, Pandas and
Matplotlib, or of GCC and Bash, file by file, as one tar.

    write_image("image.tar", CONTENTS["sandgate-python"])       # or: docker_image.py sandgate-python image.tar
"""

import glob
import os
import re
import subprocess
import sys
import tarfile

CONTENTS = {
    "sandgate-python": ["python3", "python3-numpy", "python3-pandas", "python3-matplotlib", "libc-bin"],
    "sandgate-gcc": ["gcc", "g++", "libc6-dev", "bash", "coreutils", "dash", "diffutils", "findutils", "grep", "gzip", "mawk", "sed", "tar", "util-linux",
                     "python3", "libc-bin"],
    "sandgate-node": ["nodejs", "libc-bin"],
}
UNUSED = re.compile(r"/usr/share/(doc|man|locale|lintian|bug|info|doc-base|icons|applications|menu|bash-completion|perl5|perl)(/|$)"
                    r"|/usr/lib/(x86_64-linux-gnu/perl|debug|valgrind)|/tests?/|/var/|/etc/(init|cron|default)"
                    r"|/lib(lapack|blas)\.a$|/lib([atl]san|ubsan)\.|/lto1$|-lto-dump|-dwp$|\.gold$|gprofng|/gconv/")
SKIPPED = {"debconf", "dpkg", "perl-base", "perl", "libllvm15", "python3-scipy", "python3-tk", "libgtk-3-0"}


def closure(names):
    """The packages and what they depend on, as far as it is installed."""
    text = subprocess.run(["dpkg-query", "-W", "-f", "${Package}\t${Status}\t${Depends}, ${Pre-Depends}\n"],
                          capture_output=True, text=True, check=True).stdout
    depends = {}
    for line in text.splitlines():
        name, status, rest = line.split("\t")
        if status.endswith(" installed"):
            depends[name] = [re.split(r"[ :(]", part.strip())[0] for part in re.split(r"[,|]", rest) if part.strip()]
    found, todo = set(), list(names)
    while todo:
        name = todo.pop()
        if name in depends and name not in found and name not in SKIPPED:
            found.add(name)
            todo += depends[name]
    return sorted(found)


def files(packages):
    listed = subprocess.run(["dpkg", "-L"] + packages, capture_output=True, text=True, check=True).stdout
    paths = {line for line in listed.splitlines() if line.startswith("/") and line != "/." and not UNUSED.search(line)}
    paths |= {"/etc/ld.so.cache", "/usr/bin/python3", "/etc/alternatives", "/usr/bin/echo"}  # echo: for attacks that execute
    # What the packages' scripts have made: alternatives.
    if "mawk" in packages:
        paths |= {"/usr/bin/awk", "/etc/alternatives/awk", os.path.realpath("/usr/bin/awk")}
    for name in os.listdir("/etc/alternatives"):
        if re.match(r"lib(blas|lapack)\.so\.3", name) and "python3-numpy" in packages:
            link = "/etc/alternatives/" + name
            paths |= {link, os.path.realpath(link)}
    for folder in ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"):
        for name in os.listdir(folder) if os.path.isdir(folder) else []:
            if os.path.islink(os.path.join(folder, name)) and re.match(r"lib(blas|lapack)\.so\.3", name):
                paths.add(os.path.join(folder, name))
    return sorted(paths)


def compiled(path):
    """What Python has made of a module, as it is where packages are installed: no program may write it later."""
    folder, name = os.path.split(path)
    return glob.glob("%s/__pycache__/%s.cpython-*.pyc" % (folder, glob.escape(name[:-3]))) if name.endswith(".py") else []


def write_image(to, packages):
    seen = set()
    with tarfile.open(to, "w") as tar:
        for name in ("bin", "sbin", "lib", "lib64"):
            if os.path.islink("/" + name):
                tar.add("/" + name, name, recursive=False)
                seen.add("/" + name)
        for name in ("tmp", "proc", "sys", "dev", "etc", "run", "var", "root"):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            seen.add("/" + name)
            tar.addfile(entry)
        for path in files(closure(packages)):
            real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
            if real in seen or not os.path.lexists(real):
                continue
            for one in [real] + compiled(real):
                seen.add(one)
                tar.add(one, one.lstrip("/"), recursive=False)


if __name__ == "__main__":
    write_image(sys.argv[2], CONTENTS[sys.argv[1]])
