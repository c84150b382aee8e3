spawn("sh", ["-c", "id"]); //! javascript.exec
import { spawn } from "child_process"; //! javascript.import.child_process javascript.exec
export { execSync as default } from "node:child_process"; //! javascript.import.child_process javascript.exec
export * from "child_process"; //! javascript.import.child_process
