// What every attack program in JavaScript begins with.
const fs = require("fs");

function end(text) {
    fs.writeSync(1, text.replace(/\s*\n\s*/g, " ") + "\n");
    process.reallyExit(0);
}

const escaped = (evidence) => end("ESCAPED " + evidence);
const contained = (how) => end("CONTAINED " + how);

// An error in here is the box that says no.
function refusal(action) {
    try {
        return action();
    } catch (error) {
        return contained(`${error.code}: ${error.message}`);
    }
}
