import("node:child_" + "process").then(({ exec }) => exec("id")); //! javascript.import.child_process javascript.exec
async function later() {
  const cp = await import(`child_${"process"}`); //! javascript.import.child_process
  return cp.spawnSync("id"); //! javascript.exec
}
later();
