"""A text adventure with a command table; "exec" and "eval" are only words."""

import shlex
import textwrap

ROOMS = {
    "hall": {
        "text": "You are in a large hall. A sign says: do not eval(), do not exec().",
        "exits": {"north": "library", "east": "kitchen"},
        "things": ["lamp"],
    },
    "library": {
        "text": "Dusty shelves. One book is titled 'import os for beginners'.",
        "exits": {"south": "hall"},
        "things": ["book"],
    },
    "kitchen": {
        "text": "It smells of soup.",
        "exits": {"west": "hall"},
        "things": ["spoon", "pot"],
    },
}


class Game:
    def __init__(self, rooms):
        self.rooms = {name: dict(room, things=list(room["things"])) for name, room in rooms.items()}
        self.place = "hall"
        self.bag = []
        self.running = True
        self.commands = {
            "go": self.go,
            "take": self.take,
            "drop": self.drop,
            "look": self.look,
            "bag": self.show_bag,
            "open": self.open,
            "quit": self.quit,
        }

    @property
    def room(self):
        return self.rooms[self.place]

    def look(self):
        things = ", ".join(self.room["things"]) or "nothing"
        exits = ", ".join(self.room["exits"])
        return textwrap.fill(f"{self.room['text']} You see: {things}. Exits: {exits}.", 60)

    def go(self, direction="nowhere"):
        if direction not in self.room["exits"]:
            return f"You cannot go {direction}."
        self.place = self.room["exits"][direction]
        return self.look()

    def take(self, thing=""):
        if thing not in self.room["things"]:
            return f"There is no {thing or 'such thing'} here."
        self.room["things"].remove(thing)
        self.bag.append(thing)
        return f"You take the {thing}."

    def drop(self, thing=""):
        if thing not in self.bag:
            return "You do not have that."
        self.bag.remove(thing)
        self.room["things"].append(thing)
        return f"You drop the {thing}."

    def open(self, thing="", *rest):
        if thing == "book" and "book" in self.bag:
            return "Page one: os.system('echo hello')"
        return f"You cannot open {thing or 'that'}."

    def show_bag(self):
        return "You carry: " + (", ".join(sorted(self.bag)) or "nothing")

    def quit(self):
        self.running = False
        return "Good bye."

    def perform(self, line):
        try:
            verb, *args = shlex.split(line)
        except ValueError:
            return "Pardon?"
        action = self.commands.get(verb)
        if action is None:
            return f"I do not know how to {verb}."
        try:
            return action(*args)
        except TypeError:
            return "Say it in fewer words."


game = Game(ROOMS)
script = "look;take lamp;go north;take book;open book;eval book;go south;drop lamp;bag;go east now;quit"
for line in script.split(";"):
    print(">", line)
    print(game.perform(line))
    if not game.running:
        break
