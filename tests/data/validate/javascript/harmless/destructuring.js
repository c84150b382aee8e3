const config = { os: { name: "linux", version: [6, 1] }, exec: { path: "/bin/true" }, eval: undefined };
const {
  os: { name: osName, version: [major, ...minor] },
  exec: { path, args = [] },
  eval: evaluation = "none",
  ...rest
} = config;
console.log(osName, major, minor, path, args, evaluation, rest);

let [a, , b = 3] = [1, 2];
[a, b] = [b, a];
console.log(a, b);

function area({ width = 1, height = width } = {}) {
  return width * height;
}
console.log(area(), area({ width: 3 }), { ...config, fetch: null }.fetch ?? "nothing");
for (const [key, value] of Object.entries(config)) console.log(key, typeof value);
