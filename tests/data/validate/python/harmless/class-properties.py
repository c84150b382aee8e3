class Temperature:
    """Celsius outside, kelvin inside."""

    def __init__(self, celsius):
        self.celsius = celsius

    @property
    def celsius(self):
        return self.__kelvin - 273.15

    @celsius.setter
    def celsius(self, value):
        if value < -273.15:
            raise ValueError("below absolute zero")
        self.__kelvin = value + 273.15

    @classmethod
    def from_fahrenheit(cls, f):
        return cls((f - 32) * 5 / 9)

    @staticmethod
    def unit():
        return "°C"

    def __str__(self):
        return f"{self.celsius:.1f}{self.unit()}"


t = Temperature.from_fahrenheit(98.6)
print(t)
try:
    t.celsius = -300
except ValueError as e:
    print("error:", e)
