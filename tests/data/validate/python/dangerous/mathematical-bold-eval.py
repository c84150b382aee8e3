result = 𝐞𝐯𝐚𝐥("6 * 7")  #! python.eval
other = evªl("6 * 7")  #! python.eval
print(result, other)
