const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function retry(task, { times = 3, wait = 1 } = {}) {
  let last;
  for (let attempt = 1; attempt <= times; attempt++) {
    try {
      return await task(attempt);
    } catch (error) {
      last = error;
      await sleep(wait * 2 ** attempt);
    }
  }
  throw last;
}

async function main() {
  const value = await retry(async (attempt) => {
    if (attempt < 3) throw new TypeError(`attempt ${attempt}`);
    return "worked";
  });
  console.log(value);
  await retry(() => Promise.reject(new Error("never")), { times: 2 }).catch((e) => console.log(e.message));
}

main();
