const date = new Date(Date.UTC(2024, 1, 29, 12, 30));
console.log(date.toISOString(), date.getUTCDay(), new Date(NaN).getTime());

const german = new Intl.DateTimeFormat("de-DE", { dateStyle: "full", timeZone: "UTC" });
console.log(german.format(date));
console.log(new Intl.NumberFormat("en-US", { style: "currency", currency: "EUR" }).format(1234567.891));
console.log(new Intl.PluralRules("en", { type: "ordinal" }).select(3));
console.log(["ä", "z", "a"].sort(new Intl.Collator("de").compare));

function addDays(d, n) {
  const copy = new Date(d);
  copy.setUTCDate(copy.getUTCDate() + n);
  return copy;
}
console.log(addDays(date, 1).toJSON(), (addDays(date, 30) - date) / 86_400_000);
