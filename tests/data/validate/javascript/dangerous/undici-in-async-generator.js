async function* pages(urls) {
  const { request } = await import("undici"); //! javascript.import.http
  for (const url of urls) yield (await request(url)).body.text();
}
(async () => {
  for await (const page of pages(["http://a.example/"])) console.log(page);
})();
