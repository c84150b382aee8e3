from numpy import genfromtxt as table

rows = table("{}://{}/x.csv".format("https", "example.invalid"), delimiter=",")  #! python.url-read
print(rows)
