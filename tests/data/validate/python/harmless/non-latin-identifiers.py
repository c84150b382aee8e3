# Deutsche und chinesische Bezeichner sind erlaubt.
größe = 3
straße = "Hauptstraße"
数据 = [3, 1, 2]


class Fläche:
    def __init__(self, länge, breite):
        self.länge = länge
        self.breite = breite

    def größe(self):
        return self.länge * self.breite


def 排序(列表):
    """返回排好序的列表, 不用 eval."""
    return sorted(列表)


π = 3.14159
print(größe, straße.upper(), 排序(数据), Fläche(2, größe).größe())
print(f"Umfang: {2 * π * größe:.2f} m", "os.system auf Deutsch: Betriebssystem")
