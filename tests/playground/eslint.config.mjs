// How the playground's modules are linted (test_modules.py runs it; ESLint is in tests/tools).
import { createRequire } from "node:module";

const { configs } = createRequire(`${process.env.SG_TOOLS}/`)("@eslint/js");

const BROWSER = ["AbortController", "Blob", "Node", "NodeFilter", "TextDecoder", "TextDecoderStream", "TextEncoder", "URL", "atob",
    "clearInterval", "clearTimeout", "document", "fetch", "getComputedStyle", "setInterval", "setTimeout", "window"];
const NODE = ["ReadableStream", "Response", "TextDecoder", "TextEncoder", "URL", "AbortController", "DOMException", "process", "Buffer"];

const globals = (names) => Object.fromEntries(names.map((name) => [name, "readonly"]));
const markup = (property) => ({ property, message: "strings never become markup: dom.mjs" });

export default [
    configs.recommended,
    {
        files: ["**/*.mjs"],
        languageOptions: { ecmaVersion: 2022, sourceType: "module", globals: globals(NODE) },
        linterOptions: { reportUnusedDisableDirectives: "error" },
        rules: {
            "array-callback-return": "error", "consistent-return": "error", curly: "error", eqeqeq: "error", "max-depth": ["error", 3],
            "max-len": ["error", 140], "max-lines": ["error", 300], "max-lines-per-function": ["error", 60], "no-console": "error",
            "no-eval": "error", "no-implied-eval": "error", "no-loop-func": "error", "no-new-func": "error", "no-script-url": "error",
            "no-shadow": "error", "no-throw-literal": "error", "no-undef-init": "error", "no-unused-expressions": "error",
            "no-use-before-define": ["error", { functions: false }], "no-var": "error", "object-shorthand": "error",
            "prefer-const": "error", "prefer-template": "error", "require-await": "error", complexity: ["error", 15],
            "no-restricted-properties": ["error", ...["innerHTML", "outerHTML", "insertAdjacentHTML", "write", "writeln",
                "createContextualFragment", "setHTMLUnsafe", "srcdoc"].map(markup)],
        },
    },
    {
        files: ["nginx-conf/playground/*.mjs"],
        languageOptions: { globals: globals(BROWSER) },
    },
    {
        files: ["tests/playground/*.mjs"],
        rules: { "max-lines-per-function": "off" },
    },
];
