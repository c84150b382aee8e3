const { fetch: get } = globalThis; //! javascript.network-use
get`http://a.example/`.then((answer) => answer.text()); //! javascript.network-use
const Channel = global["Web".concat("Socket")]; //! javascript.network-use
new Channel("wss://a.example/"); //! javascript.network-use
