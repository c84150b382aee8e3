import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, hidden=16):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, hidden), nn.ReLU(), nn.Linear(hidden, 2))

    def forward(self, x):
        return self.layers(x)


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
loss_fn = nn.CrossEntropyLoss()
inputs, labels = torch.randn(32, 4), torch.randint(0, 2, (32,))

model.train()
for epoch in range(5):
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), labels)
    loss.backward()
    optimizer.step()

model.eval()
with torch.no_grad():
    print(model(inputs).argmax(dim=1).tolist())
compiled = torch.compile(model)
torch.save(model.state_dict(), "model.pt")
