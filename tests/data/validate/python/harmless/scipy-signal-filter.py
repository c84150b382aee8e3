import numpy as np
from scipy import signal
from scipy.optimize import minimize

t = np.linspace(0, 1, 500, endpoint=False)
wave = np.sin(2 * np.pi * 5 * t) + 0.3 * np.sin(2 * np.pi * 50 * t)
b, a = signal.butter(4, 0.1)
smooth = signal.filtfilt(b, a, wave)
peaks, _ = signal.find_peaks(smooth, height=0.5)
print(len(peaks))

result = minimize(lambda p: (p[0] - 2) ** 2 + (p[1] + 1) ** 2, x0=[0.0, 0.0])
print(result.x.round(3), result.success)
