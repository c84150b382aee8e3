"use strict";

/** A small calculator: tokens, shunting-yard, stack machine. No eval() here. */

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|([-+*/^(),=]))/y;

const OPERATORS = new Map([
  ["+", { precedence: 1, apply: (a, b) => a + b }],
  ["-", { precedence: 1, apply: (a, b) => a - b }],
  ["*", { precedence: 2, apply: (a, b) => a * b }],
  ["/", { precedence: 2, apply: (a, b) => a / b }],
  ["^", { precedence: 4, right: true, apply: (a, b) => a ** b }],
]);

class ParseError extends Error {
  get name() {
    return this.constructor.name;
  }
}

function* tokenize(text) {
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) {
      if (text.slice(at).trim() === "") return;
      throw new ParseError(`unexpected ${JSON.stringify(text[at])} at ${at}`);
    }
    const [, number, name, operator] = match;
    if (number !== undefined) yield { type: "number", value: Number(number) };
    else if (name !== undefined) yield { type: "name", value: name };
    else yield { type: "operator", value: operator };
  }
}

function compile(text) {
  const output = [];
  const stack = [];
  let operand = true;
  for (const token of tokenize(text)) {
    if (token.type !== "operator") {
      if (!operand) throw new ParseError(`operator expected before ${token.value}`);
      output.push(token);
      operand = false;
    } else if (token.value === "(") {
      stack.push("(");
    } else if (token.value === ")") {
      while (stack.length && stack.at(-1) !== "(") output.push({ type: "operator", value: stack.pop() });
      if (stack.pop() !== "(") throw new ParseError("unbalanced )");
    } else {
      const op = OPERATORS.get(token.value);
      if (!op) throw new ParseError(`unknown operator ${token.value}`);
      if (operand) {
        if (token.value !== "-") throw new ParseError("operand expected");
        output.push({ type: "number", value: 0 });
      }
      while (stack.length && stack.at(-1) !== "(") {
        const top = OPERATORS.get(stack.at(-1));
        if (top.precedence < op.precedence || (top.precedence === op.precedence && op.right)) break;
        output.push({ type: "operator", value: stack.pop() });
      }
      stack.push(token.value);
      operand = true;
    }
  }
  while (stack.length) {
    const value = stack.pop();
    if (value === "(") throw new ParseError("unbalanced (");
    output.push({ type: "operator", value });
  }
  return output;
}

class Machine {
  constructor(variables = {}) {
    this.variables = new Map(Object.entries(variables));
  }

  exec(program) {
    const stack = [];
    for (const { type, value } of program) {
      if (type === "number") stack.push(value);
      else if (type === "name") {
        if (!this.variables.has(value)) throw new ParseError(`unknown name ${value}`);
        stack.push(this.variables.get(value));
      } else {
        const b = stack.pop();
        const a = stack.pop();
        stack.push(OPERATORS.get(value).apply(a, b));
      }
    }
    return stack.pop();
  }

  eval(text) {
    return this.exec(compile(text));
  }
}

const machine = new Machine({ x: 3, pi: Math.PI });
for (const text of ["1 + 2 * 3", "-(x + 1) ^ 2", "2 ^ 3 ^ 2", "eval + 1", "4 $ 4", "(1", "10 / 4 - pi"]) {
  try {
    console.log(text.padEnd(14), machine.eval(text));
  } catch (error) {
    console.log(text.padEnd(14), `${error.name}: ${error.message}`);
  }
}
