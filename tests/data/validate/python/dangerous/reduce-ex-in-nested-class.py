import pickle  #! python.import.pickle


def wrap(target, text):
    class Note:
        def __reduce_ex__(self, protocol):  #! python.reduce
            return (target, (text,))

    return pickle.dumps(Note())
