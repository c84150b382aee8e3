#!/usr/bin/env node
"use strict"

const list = [1, 2, 3]
;[4, 5].forEach((n) => list.push(n))
console.log(list) // eval