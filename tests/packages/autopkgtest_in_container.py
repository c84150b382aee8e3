"""Runs packaging/debian/tests by autopkgtest in a booted container, with the packages of a directory:

    autopkgtest_in_container.py DIRECTORY

Beside systemd there is no network: what the tests depend on is in the container's system already."""

import glob
import os
import shutil
import sys

from container import Container, root_tree

NEEDED = ("autopkgtest", "dpkg-dev", "multiwatch", "spawn-fcgi", "python3-pandas", "python3-matplotlib")
# The container has no cgroups to delegate, which its administrator has to allow.
ALLOW = "s/^    # allow_missing = .*private_uid }$/    allow_missing = { landlock, private_uid, cgroup_memory, cgroup_pids, cgroup_cpu }/"


def main(built):
    with Container(root_tree("root-autopkgtest", NEEDED)) as box:
        for pattern in ("sandgate_*.deb", "sandgate-runtimes-python_*.deb", "*.dsc", "*.tar.xz"):
            for path in glob.glob(os.path.join(built, pattern)):
                shutil.copy(path, box.share)
        box.sh("dpkg -i /share/*.deb && sed -i '%s' /etc/sandgate/sandgate.conf && systemctl restart sandgate.target" % ALLOW)
        print(box.sh("cd /root && dpkg-source -x /share/*.dsc tree && cd tree && autopkgtest --no-built-binaries . -- null",
                     timeout=600))


if __name__ == "__main__":
    main(sys.argv[1])
