const secret = Symbol("secret");

class Money {
  constructor(amount, currency) {
    this.amount = amount;
    this.currency = currency;
    this[secret] = true;
  }

  [Symbol.toPrimitive](hint) {
    return hint === "number" ? this.amount : `${this.amount} ${this.currency}`;
  }

  get [Symbol.toStringTag]() {
    return "Money";
  }

  static [Symbol.hasInstance](x) {
    return typeof x?.amount === "number";
  }
}

const m = new Money(5, "EUR");
console.log(`${m}`, +m, Object.prototype.toString.call(m), Object.keys(m));
console.log({ amount: 1 } instanceof Money, Symbol.for("eval").description, m[secret]);
