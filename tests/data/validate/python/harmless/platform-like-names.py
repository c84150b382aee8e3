platform = "linux"
operating_system = {"linux": "GNU/Linux", "darwin": "macOS"}
os_family = operating_system.get(platform, "unknown")
sysinfo = f"{os_family} ({platform})"
import_os = export_os = True
print(sysinfo, platform.upper(), import_os and export_os)


class Platform:
    def __init__(self, os, sys=None):
        self.os = os
        self.sys = sys

    def system(self):
        return self.os.system

    def path(self):
        return self.sys.path if self.sys else []


class FakeOS:
    system = "fake"


print(Platform(FakeOS()).system(), Platform(FakeOS()).path())
