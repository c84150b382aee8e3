import numpy as np
from tensorflow import keras

model = keras.Sequential(
    [
        keras.layers.Input(shape=(8,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
x = np.random.rand(64, 8)
y = (x.sum(axis=1) > 4).astype("float32")
model.fit(x, y, epochs=2, batch_size=16, verbose=0)
print(model.evaluate(x, y, verbose=0))
