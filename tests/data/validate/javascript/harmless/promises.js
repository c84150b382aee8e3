const delay = (ms, value) => new Promise((resolve) => setTimeout(() => resolve(value), ms));
const fail = (message) => Promise.reject(new Error(message));

delay(5, "first")
  .then((value) => {
    console.log(value);
    return Promise.all([delay(1, 1), delay(2, 2), 3]);
  })
  .then((all) => console.log(all))
  .then(() => Promise.allSettled([delay(1, "ok"), fail("no")]))
  .then((results) => console.log(results.map((r) => r.status)))
  .then(() => Promise.race([delay(20, "slow"), delay(1, "fast")]))
  .then(console.log)
  .catch((error) => console.error(error.message))
  .finally(() => console.log("done"));
