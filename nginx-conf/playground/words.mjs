// What the figures and names of an answer are called on the page. Names that are not known here (of a newer service) are
// shown as they are.

const KIB = 1024;

function rounded(number) {
    return String(Number(number.toPrecision(3)));
}

export function bytes(n) {
    const units = ["bytes", "KiB", "MiB", "GiB"];
    let value = n;
    let unit = 0;
    while (value >= KIB && unit < units.length - 1) {
        value /= KIB;
        unit += 1;
    }
    return n === 1 ? "1 byte" : `${unit === 0 ? value : rounded(value)} ${units[unit]}`;
}

export function milliseconds(n) {
    return n < 1000 ? `${rounded(n)} ms` : `${rounded(n / 1000)} s`;
}

export function count(n, one, many = `${one}s`) {
    return `${n} ${n === 1 ? one : many}`;
}

/** A number in the unit that its name ends with, as names in answers do. */
export function figure(name, value) {
    if (value === null) {
        return "not measured";
    }
    if (typeof value === "boolean") {
        return value ? "yes" : "no";
    }
    if (Array.isArray(value)) {
        return value.length > 0 ? value.join(", ") : "none";
    }
    if (typeof value !== "number") {
        return String(value);
    }
    if (name.endsWith("_ms")) {
        return milliseconds(value);
    }
    if (name.endsWith("_bytes")) {
        return bytes(value);
    }
    return name.endsWith("_percent") ? `${rounded(value)} %` : String(value);
}

const NAMES = {
    javascript: "JavaScript", typescript: "TypeScript", c: "C", cpp: "C++", php: "PHP",
    wall_time_ms: "Wall-clock time", cpu_time_ms: "CPU time", memory_bytes: "Memory", processes: "Processes and threads",
    output_bytes: "Output kept of each stream", file_bytes: "Size of one file", cpu_percent: "Share of one CPU",
    cpu_user_ms: "CPU time, user", cpu_system_ms: "CPU time, kernel", memory_peak_bytes: "Memory, peak",
    processes_peak: "Processes, peak", network_rx_bytes: "Network, received", network_tx_bytes: "Network, sent",
    start: "Start", validate_ms: "Risk score", queue_ms: "Waiting for a slot", setup_ms: "Making the box", run_ms: "Program",
    collect_ms: "Collecting the answer", compile_ms: "Compiler",
    too_many: "Too many files", too_large: "Too large", not_a_file: "Not a regular file", not_searched: "The search ended before it",
    namespaces: "Namespaces", seccomp: "System call profile", seccomp_filters: "System call filters", one_exec: "One execve only",
    no_new_privs: "No new privileges", capabilities: "Capabilities", rootfs: "Root file system", proc: "/proc", network: "Network",
    cgroup: "Cgroup controllers", rlimits: "Resource limits", landlock_abi: "Landlock ABI", uid: "User id", missing: "Missing layers",
};

export function named(name) {
    if (Object.hasOwn(NAMES, name)) {
        return NAMES[name];
    }
    const words = name.replaceAll("_", " ");
    return words.charAt(0).toUpperCase() + words.slice(1);
}

const STARTS = {
    warm: "warm: a clone of an interpreter that had imported its modules",
    ahead: "ahead: an interpreter that had been started and waited",
    cold: "cold: its interpreter was started for this run",
};

export function start(kind) {
    return kind === null ? "nothing ran" : (STARTS[kind] ?? kind);
}

// Headlines. A reason that is not here gets its own name.
const REASONS = {
    wall_time: "Stopped: out of time",
    cpu_time: "Stopped: out of CPU time",
    memory: "Stopped: out of memory",
    processes: "Failed: too many processes or threads",
    output: "Stopped: too much output",
    file_size: "Stopped: a file became too large",
    seccomp: "Stopped: a system call that is not allowed",
    cancelled: "Cancelled",
};

/** What happened, in a few words: of the document of /v1/execute. */
export function headline(answer) {
    const reason = answer.termination?.reason;
    if (answer.status === "success") {
        return "Succeeded";
    }
    if (answer.status === "rejected") {
        return "Refused before it ran";
    }
    if (reason === "exited") {
        return `Failed with exit code ${answer.exit_code}`;
    }
    if (reason === "signaled") {
        return `Ended by signal ${answer.signal}`;
    }
    return REASONS[reason] ?? (reason ? `Ended: ${named(reason)}` : "Failed");
}

/** What the service says in passing begins in lower case and ends without a full stop. */
export function sentence(text) {
    return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}
