import { env } from "node:process"; //! javascript.import.process javascript.process.env
console.log(Object.entries(env)); //! javascript.process.env
