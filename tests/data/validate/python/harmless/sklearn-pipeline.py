from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, confusion_matrix
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

X, y = make_classification(n_samples=400, n_features=8, random_state=7)
X_train, X_eval, y_train, y_eval = train_test_split(X, y, test_size=0.25, random_state=7)

model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
model.fit(X_train, y_train)
predicted = model.predict(X_eval)
print("accuracy", accuracy_score(y_eval, predicted))
print(confusion_matrix(y_eval, predicted))
