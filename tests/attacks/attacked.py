"""A stack to attack."""

import time

from stack import Stack
from table import Answer, source


class AttackedStack(Stack):
    """Its executor's environment holds a mark that no program may see."""

    mark = ""

    def environment(self):
        return {**super().environment(), "SG_ATTACK_MARK": self.mark}

    def attack(self, attack, world, **more):
        """Posts the program (or the two), with more fields; the answer, with both outputs."""
        if "@VICTIM@" in attack.program:
            world.end_victim()
            world.new_victim(self.uid_of_executor())
        answers = [self.attack_once(attack, program, world, more) for program in (attack.program, attack.second)
                   if program is not None]
        for one in answers[:-1]:
            answers[-1].stdout = one.stdout + answers[-1].stdout
        return answers[-1]

    def uid_of_executor(self):
        """On the host: it is root of a user namespace of its own, and nobody outside."""
        with open("/proc/%d/uid_map" % self.executor_child()) as f:
            return next(int(line.split()[1]) for line in f if line.split()[0] == "0")

    def attack_once(self, attack, program, world, more):
        began = time.monotonic()
        answer = self.post({"language": attack.language, "validate": False,
                            "code": source(program, world.things, attack.language),
                            **{"timeout": 8, **attack.fields, **more}}, timeout=60)
        took = time.monotonic() - began
        if answer.status == 200:
            self.check_start(answer.json, {**attack.fields, **more})
        return Answer(answer.json, took, answer.status)

    def run(self, code=None, **fields):
        doc = super().run(code, **fields)
        if fields.get("status", 200) == 200:
            self.check_start(doc, fields)
        return doc

    def check_start(self, doc, fields):
        """That an attack meets the way to start that it is meant to. Arguments, environment and tracing make it a cold one."""
        plain = not any(fields.get(name) for name in ("args", "env", "trace_denied_syscalls"))
        if doc["runtime"]["language"] == "python":
            assert doc["timings"]["start"] == ("warm" if self.warm and plain else "cold"), doc
