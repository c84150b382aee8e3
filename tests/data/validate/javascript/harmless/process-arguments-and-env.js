const args = process.argv.slice(2);
const verbose = args.includes("--verbose") || process.env.VERBOSE === "1"; //! javascript.process.env
const level = process.env.LOG_LEVEL ?? "info"; //! javascript.process.env

if (verbose) console.log("level", level, "in", process.cwd(), "version", process.version);
process.on("exit", (code) => console.log("exit", code));
process.stdout.write(`${args.length} arguments\n`);
if (args.length > 100) process.exit(2);
