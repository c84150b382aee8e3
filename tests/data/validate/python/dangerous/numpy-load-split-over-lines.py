from numpy import load as grab

weights = grab(  #! python.numpy-pickle
    "weights.npy",
    # the files are ours, honest
    allow_pickle=True,
)
print(weights)
