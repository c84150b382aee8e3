export { connect } from "node:tls"; //! javascript.import.net
export * as udp from "dgram"; //! javascript.import.net
