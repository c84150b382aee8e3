import { writeFile as put } from "node:fs/promises"; //! javascript.import.fs javascript.fs.write
await put("../../../../../../../../usr/local/bin/tool", "#!/bin/sh\n"); //! javascript.fs.write javascript.write-outside
