import copy


class Node:
    def __init__(self, name, children=()):
        self.name = name
        self.children = list(children)

    def __copy__(self):
        return Node(self.name, self.children)

    def __deepcopy__(self, memo):
        clone = Node(self.name)
        memo[id(self)] = clone
        clone.children = copy.deepcopy(self.children, memo)
        return clone


tree = Node("root", [Node("leaf")])
a, b = copy.copy(tree), copy.deepcopy(tree)
tree.children[0].name = "changed"
print(a.children[0].name, b.children[0].name)
