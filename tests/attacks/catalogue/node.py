"""What JavaScript can do by itself: the ways that Node.js has to files, threads, processes and the network, its internals
included. Programs of native code are those of the other files."""

import base64
import glob

from catalogue.resources import share_of_cpu
from table import Attack, ended_by, table

def library():
    with open(glob.glob("/usr/lib/*/libutil.so*")[0], "rb") as f:
        return {"content": base64.b64encode(f.read()).decode(), "encoding": "base64"}


SMALL = {"limits": {"memory_bytes": 96 << 20, "cpu_percent": 100}}


def of(category, *rows):
    return table(category, *rows, language="javascript")


ATTACKS = of(
    "file system",
    Attack("node_write_root", "writes into the root of the box", off="root_ro,landlock", program="""
        refusal(() => fs.writeFileSync("/planted", "x"));
        escaped("made /planted");
    """),
    Attack("node_kernel_files", "reads system-wide files of /proc", off="proc", program="""
        const seen = ["sys", "kallsyms", "cpuinfo", "meminfo", "kcore"].filter((n) => fs.existsSync("/proc/" + n));
        if (!seen.length)
            contained("/proc holds " + fs.readdirSync("/proc").slice(0, 8));
        escaped("/proc has " + seen);
    """),
    Attack("node_memory_by_proc", "writes to the interpreter's read-only pages, and so leaves JavaScript",
           off="proc,landlock", program="""
        const [first] = fs.readFileSync("/proc/self/maps", "utf8").split("\\n").filter((line) => / r--p .*node/.test(line));
        const address = BigInt("0x" + first.split("-")[0]) + 8n;  // padding in the head of the file
        const fd = refusal(() => fs.openSync("/proc/self/mem", "r+"));
        const back = Buffer.alloc(7);
        refusal(() => fs.writeSync(fd, Buffer.from("PLANTED"), 0, 7, Number(address)));
        fs.readSync(fd, back, 0, 7, address);
        escaped(`${back} at 0x${address.toString(16)}`);
    """),
    Attack("node_addon", "loads native code that it has written", off="noexec", program="""
        const lib = "/usr/lib/x86_64-linux-gnu/";
        fs.copyFileSync(lib + fs.readdirSync(lib).find((name) => /^libutil\\.so/.test(name)), "/tmp/own.node");
        try {
            process.dlopen({ exports: {} }, "/tmp/own.node");
        } catch (error) {
            if (!/self-register/.test(error.message))
                contained(error.message);
        }
        escaped("the loader took it: only a name that Node asks for is missing in it");
    """),
    Attack("node_addon_by_stdin", "loads native code that came as its input", off="noexec", fields={"stdin": library()}, program="""
        try {
            process.dlopen({ exports: {} }, "/proc/self/fd/0");
        } catch (error) {
            if (!/self-register/.test(error.message))
                contained(error.message);
        }
        escaped("the loader took it: only a name that Node asks for is missing in it");
    """),
) + of(
    "processes",
    Attack("node_spawn_binding", "runs a program by the binding below child_process", off="seccomp,one_exec", program="""
        const { spawn } = process.binding("spawn_sync");
        const done = spawn({
            file: "/usr/bin/echo", args: ["echo", "from another program"], envPairs: [],
            stdio: [{ type: "inherit", fd: 0 }, { type: "pipe", readable: false, writable: true }, { type: "inherit", fd: 2 }],
        });
        if (done.error)
            contained("spawn gives " + done.error);
        escaped(done.output[1]);
    """),
    Attack("node_workers", "makes worker threads without end", off="cgroup_pids,rlimits", seconds=20,
           fields={"limits": {"processes": 10, "cpu_percent": 100}, "timeout": 16}, program="""
        const { Worker } = require("worker_threads");
        let up = 0;
        for (let made = 0; made < 28; made++) {
            const worker = refusal(() => new Worker("setInterval(() => {}, 1000)", { eval: true }));
            worker.on("error", (error) => contained(`${error.code}: ${error.message}`));
            worker.on("online", () => ++up === 28 && escaped("28 workers, each a thread, where 10 are allowed"));
        }
    """),
    Attack("node_reads_pid_1", "reads memory, files and environment of the process that watches it",
           off="user_ns,capabilities,landlock", program="""
        const seen = refusal(() => [fs.readlinkSync("/proc/1/exe"), fs.readdirSync("/proc/1/fd"),
                                    fs.readFileSync("/proc/1/maps").length, fs.openSync("/proc/1/mem", "r")]);
        escaped(`pid 1 is ${seen[0]} with descriptors ${seen[1]}`);
    """),
) + of(
    "network",
    Attack("node_tcp_to_host", "connects to a server on the host", off="seccomp,net_ns,landlock", program="""
        const socket = require("net").connect(@TCP_PORT@, "127.0.0.1");
        socket.on("error", (error) => contained(error.message));
        socket.on("data", (text) => escaped("the host's server says " + text));
    """),
) + of(
    "resources",
    Attack("node_worker_memory", "takes memory in a worker, outside of the heap that V8 measures", off="cgroup_memory",
           fields=SMALL, contained=ended_by("memory"), program="""
        const { Worker } = require("worker_threads");
        const worker = new Worker(`
            const kept = [];
            while (kept.length < 160)
                kept.push(Buffer.alloc(1 << 20, 1));
        `, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 4096 } });
        worker.on("error", (error) => contained(`${error.code}: ${error.message}`));
        worker.on("exit", () => escaped("160 MiB where 96 are allowed"));
    """),
    Attack("node_worker_share", "takes more of the processor than its share, in several threads", off="cgroup_cpu",
           fields={"limits": {"cpu_percent": 10, "cpu_time_ms": 10000}}, contained=share_of_cpu(0, 0.2),
           succeeded=share_of_cpu(0.21, 4), program="""
        const { Worker } = require("worker_threads");
        const start = process.hrtime.bigint(), used = process.cpuUsage();
        for (let i = 0; i < 2; i++)
            new Worker("for (;;);", { eval: true });
        setTimeout(() => {
            const { user, system } = process.cpuUsage(used);
            end(`share ${((user + system) * 1000 / Number(process.hrtime.bigint() - start)).toFixed(2)}`);
        }, 1500);
    """),
)
