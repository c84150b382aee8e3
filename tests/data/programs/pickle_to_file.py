# Pickles of a data class, through a file, and of what cannot be.
import pickle, dataclasses, threading
@dataclasses.dataclass(order=True, frozen=True)
class Row:
    a: int
    b: list = dataclasses.field(default_factory=list, compare=False)
pickle.dump(Row(1, [2]), open("r.pkl", "wb"))
print(pickle.load(open("r.pkl", "rb")), Row.__module__)
for thing in (threading.Lock(), open("r.pkl"), (n for n in ())):
    try:
        pickle.dumps(thing)
    except TypeError as error:
        print(error)
