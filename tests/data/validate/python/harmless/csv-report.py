import csv
import io
import statistics

rows = [("Ann", 3, 4.5), ("Bo", 5, 2.0), ("Cy", 1, 9.75)]
buffer = io.StringIO()
writer = csv.writer(buffer, delimiter=";", quoting=csv.QUOTE_MINIMAL)
writer.writerow(["name", "count", "score"])
writer.writerows(rows)

buffer.seek(0)
reader = csv.DictReader(buffer, delimiter=";")
scores = [float(row["score"]) for row in reader]
print(statistics.mean(scores), statistics.median(scores), round(statistics.stdev(scores), 3))

with open("report.csv", "w", newline="", encoding="utf-8") as f:
    f.write(buffer.getvalue())
