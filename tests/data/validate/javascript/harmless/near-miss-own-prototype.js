function Animal(name) {
  this.name = name;
}

Animal.prototype.speak = function () {
  return `${this.name} makes a sound`;
};
Animal.prototype.eval = function () {
  return this.name.length;
};

function Dog(name) {
  Animal.call(this, name);
}
Dog.prototype = Object.create(Animal.prototype);
Dog.prototype.constructor = Dog;
Dog.prototype.speak = function () {
  return Animal.prototype.speak.call(this) + ": woof";
};
Object.defineProperty(Dog.prototype, "loud", { value: true });

const dog = new Dog("Rex");
console.log(dog.speak(), dog.eval(), dog.loud, dog.constructor.name, Object.getPrototypeOf(dog) === Dog.prototype);
console.log(Object.prototype.hasOwnProperty.call(dog, "name"), Array.prototype.slice.call("abc", 1));
