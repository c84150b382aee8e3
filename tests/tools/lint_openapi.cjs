// Lints an OpenAPI document with Redocly's rules: node lint_openapi.cjs DIRECTORY FILE, where node_modules of the
// directory has what package-lock.json names. One line for each problem; exit status 1 when there are any. It reads
// these files and nothing else: no network.
'use strict';
const { createRequire } = require('node:module');
const { resolve } = require('node:path');

const [directory, file] = process.argv.slice(2);
const { createConfig, lint } = createRequire(resolve(directory, 'package.json'))('@redocly/openapi-core');

// Beside the strict set, what it leaves off. Off stays no-required-schema-properties-undefined: it looks for the
// property in the very place, and does not understand `anyOf` and `not` beside `properties`.
const rules = {
  // Answers may have more members than we know of; of requests, the schemas say so themselves.
  'no-invalid-media-type-examples': { severity: 'error', allowAdditionalProperties: true },
  'no-invalid-schema-examples': 'error',
  'no-schema-type-mismatch': 'error',
  'no-unused-components': 'error',
  'component-name-unique': 'error',
  'operation-description': 'error',
  'operation-operationId': 'error',
  'operation-singular-tag': 'error',
  'parameter-description': 'error',
  'tag-description': 'error',
  'response-contains-header': {
    severity: 'error',
    names: { '2XX': ['X-Request-Id'], '4XX': ['X-Request-Id'], '5XX': ['X-Request-Id'] },
  },
};

(async () => {
  const problems = await lint({
    ref: resolve(file),
    config: await createConfig({ extends: ['recommended-strict'], rules }),
  });
  for (const p of problems)
    console.log(`${p.severity} ${p.ruleId} ${p.location[0].pointer ?? ''}: ${p.message.split('\n')[0]}`);
  process.exitCode = problems.length ? 1 : 0;
})().catch((error) => {
  console.error(error);
  process.exitCode = 2;
});
