# Lines of /proc/self/status that are no figures.
# tiers
wanted = ("Name Umask State Tgid Ngid Pid PPid TracerPid Uid Gid FDSize Groups NStgid NSpid NSpgid NSsid Kthread CoreDumping THP_enabled "
          "untag_mask Threads SigQ SigPnd ShdPnd SigBlk SigIgn SigCgt CapInh CapPrm CapEff CapBnd CapAmb NoNewPrivs Seccomp Seccomp_filters "
          "Speculation_Store_Bypass SpeculationIndirectBranch Cpus_allowed Cpus_allowed_list Mems_allowed Mems_allowed_list VmLck VmPin VmSwap HugetlbPages").split()
names = []
for line in open("/proc/self/status"):
    name, value = line.rstrip("\n").split(":", 1)
    names.append(name)
    if name in wanted:
        print(name, value.strip())
print(names)
