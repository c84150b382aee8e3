from PyQt6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget

app = QApplication([])
window = QWidget()
layout = QVBoxLayout(window)
label = QLabel("0 clicks")
button = QPushButton("open")
clicks = []


def clicked():
    clicks.append(1)
    label.setText(f"{len(clicks)} clicks")


button.clicked.connect(clicked)
layout.addWidget(label)
layout.addWidget(button)
window.show()
app.exec()
