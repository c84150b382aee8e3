class InsufficientFunds extends Error {
  constructor(needed) {
    super(`needs ${needed} more`);
    this.name = this.constructor.name;
    this.needed = needed;
  }
}

class Account {
  #balance = 0;
  static #count = 0;

  constructor(owner, balance = 0) {
    this.owner = owner;
    this.#balance = balance;
    Account.#count += 1;
  }

  static get count() {
    return Account.#count;
  }

  get balance() {
    return this.#balance;
  }

  withdraw(amount) {
    if (amount > this.#balance) throw new InsufficientFunds(amount - this.#balance);
    this.#balance -= amount;
    return this;
  }

  toString() {
    return `${this.constructor.name}(${this.owner}: ${this.#balance.toFixed(2)})`;
  }
}

const account = new Account("Ann", 100);
try {
  account.withdraw(30).withdraw(100);
} catch (error) {
  if (!(error instanceof InsufficientFunds)) throw error;
  console.log(error.name, error.needed);
}
console.log(String(account), Account.count);
