class Vector {
  static zero = [0, 0];

  constructor(x, y) {
    this.x = x;
    this.y = y;
  }

  add(other) {
    return new this.constructor(this.x + other.x, this.y + other.y);
  }

  isZero() {
    const [x, y] = this.constructor.zero;
    return this.x === x && this.y === y;
  }

  equals(other) {
    return other.constructor === this.constructor && other.x === this.x && other.y === this.y;
  }
}

class Force extends Vector {}

const f = new Force(1, 2).add(new Force(-1, -2));
console.log(f.constructor.name, f.isZero(), f.equals(new Vector(0, 0)));
