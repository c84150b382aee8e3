def classify(n):
	if n < 0:
		return "negative"
	elif n == 0:
		return "zero"
	else:
		if n % 2:
			return "odd"
		return "even"


for n in (-1, 0, 1, 2):
	print(n,	classify(n))	# not eval
