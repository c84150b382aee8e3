const quotes = /["'`/]/g; new WebSocket("ws://a.example/"); // ' //! javascript.network-use
const open = "/*"; fetch("http://a.example/" + open); /* */ //! javascript.network-use
const ratio = quotes.lastIndex / 2; fetch("http://a.example/"); const half = 1 / 2; //! javascript.network-use
/* // */ fetch("http://b.example/"); //! javascript.network-use
/* fetch("no") */ const text = `${`${fetch("http://c.example/")}`}`; //! javascript.network-use
// a comment ended by a line separator  fetch("http://d.example/"); //! javascript.network-use
// a comment ended by a paragraph separator  new EventSource("http://e.example/"); //! javascript.network-use
const escaped = "\"; // "; new XMLHttpRequest().open("GET", escaped); //! javascript.network-use
const slash = /[/]\//; navigator?.sendBeacon("http://f.example/", slash); //! javascript.network-use
