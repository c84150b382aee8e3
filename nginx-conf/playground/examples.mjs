// Programs to begin with, by file name extension. The first is what the editor shows at first; others may bring a stdin.

const lines = (...text) => `${text.join("\n")}\n`;

export const EXAMPLES = {
    py: [
        { name: "Mean of numbers (NumPy)", code: lines(
            "import numpy as np", "", "values = np.array([1, 2, 3, 4, 5])",
            'print("mean", values.mean())', 'print("standard deviation", values.std().round(3))') },
        { name: "Plot (Matplotlib)", code: lines(
            "import matplotlib.pyplot as plt", "import numpy as np", "", "x = np.linspace(0, 4 * np.pi, 400)",
            'plt.plot(x, np.sin(x), label="sin")', 'plt.plot(x, np.exp(-x / 6) * np.cos(2 * x), label="damped")',
            "plt.legend()", 'plt.title("Two waves")', "plt.show()") },
        { name: "Read the input", stdin: "3\n4\n5\n", code: lines(
            "numbers = []", "try:", "    while True:", "        numbers.append(int(input()))", "except EOFError:", "    pass", "",
            'print(f"{len(numbers)} numbers, sum {sum(numbers)}")') },
        { name: "Output as time passes", code: lines(
            "import time", "", "for n in range(1, 11):", '    print(f"step {n} of 10", flush=True)', "    time.sleep(0.5)") },
        { name: "Refused: runs a command", code: lines("import os", "", 'os.system("id")') },
        { name: "Refused: hidden eval", code: lines("run = eval", 'print(run("6 * 7"))') },
        { name: "Stopped: out of memory", code: lines(
            "blocks = []", "while True:", "    blocks.append(bytearray(16 * 1024 * 1024))") },
    ],
    js: [
        { name: "Word count", code: lines(
            'const text = "the quick brown fox jumps over the lazy dog the end";', "const words = new Map();",
            'for (const word of text.split(" ")) {', "  words.set(word, (words.get(word) ?? 0) + 1);", "}",
            "console.log([...words].sort((a, b) => b[1] - a[1]).slice(0, 3));") },
        { name: "Output as time passes", code: lines(
            "for (let n = 1; n <= 10; n += 1) {", "  console.log(`step ${n} of 10`);",
            "  pause(500);", "}", "", "function pause(ms) {",
            "  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);", "}") },
        { name: "Refused: runs a command", code: lines(
            'const { execSync } = require("child_process");', 'console.log(execSync("id").toString());') },
    ],
    sh: [{ name: "Squares", code: lines("for n in 1 2 3 4 5; do", '    echo "$n squared is $((n * n))"', "done") }],
    c: [{ name: "Squares", code: lines(
        "#include <stdio.h>", "", "int main(void)", "{", "    for (int n = 1; n <= 5; n++)",
        '        printf("%d squared is %d\\n", n, n * n);', "    return 0;", "}") }],
    cpp: [{ name: "Sorted words", code: lines(
        "#include <algorithm>", "#include <iostream>", "#include <string>", "#include <vector>", "", "int main()", "{",
        '    std::vector<std::string> words{"pear", "apple", "fig"};', "    std::sort(words.begin(), words.end());",
        "    for (const auto &word : words)", "        std::cout << word << '\\n';", "}") }],
    rb: [{ name: "Squares", code: lines("(1..5).each do |n|", '  puts "#{n} squared is #{n * n}"', "end") }],
    pl: [{ name: "Word count", code: lines(
        "use strict;", "use warnings;", "", "my %count;", "$count{$_}++ for split ' ', 'one two one three one two';",
        'print "$_ $count{$_}\n" for sort { $count{$b} <=> $count{$a} } keys %count;') }],
    lua: [{ name: "Squares", code: lines("for n = 1, 5 do", '    print(n .. " squared is " .. n * n)', "end") }],
};
