const page = "<html><!-- a comment --><body>eval<script>let a = 1;</script></body></html>";
const open = "<!--";

function stripComments(html) {
  let out = "";
  let rest = html;
  for (;;) {
    const start = rest.indexOf(open);
    if (start < 0) return out + rest;
    out += rest.slice(0, start);
    const end = rest.indexOf("-->", start);
    if (end < 0) return out;
    rest = rest.slice(end + 3);
  }
}

console.log(stripComments(page), page.replace(/<!--[\s\S]*?-->/g, ""));
